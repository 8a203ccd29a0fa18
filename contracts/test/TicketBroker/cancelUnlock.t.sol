// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_cancelUnlock_Test is ProtocolTest {
    function test_takes_the_unlock_back() public {
        fundSender(1 ether, 0);
        vm.prank(sender);
        broker.unlock();
        vm.expectEmit(address(broker));
        emit ITicketBroker.UnlockCancelled(sender);
        vm.prank(sender);
        broker.cancelUnlock();
        vm.assertFalse(broker.isUnlockInProgress(sender));
    }

    function test_needs_an_unlock() public {
        bytes memory data = abi.encodeCall(broker.cancelUnlock, ());
        assertReverts(sender, address(broker), data, "no unlock request in progress");
        assertNeedsRunningSystem(sender, address(broker), data);
    }
}
