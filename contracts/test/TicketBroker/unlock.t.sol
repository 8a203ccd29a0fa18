// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_unlock_Test is ProtocolTest {
    function test_starts_the_unlock_period() public {
        fundSender(1 ether, 0);
        vm.expectEmit(address(broker));
        emit ITicketBroker.Unlock(sender, FIRST_ROUND, FIRST_ROUND + 2);
        vm.prank(sender);
        broker.unlock();
        vm.assertEq(withdrawRoundOf(sender), FIRST_ROUND + 2);
    }

    function test_needs_a_deposit_or_a_reserve() public {
        bytes memory data = abi.encodeCall(broker.unlock, ());
        assertReverts(sender, address(broker), data, "sender deposit and reserve are zero");
        fundSender(0, 1);
        vm.prank(sender);
        broker.unlock();
    }

    function test_cannot_be_started_twice() public {
        fundSender(1 ether, 0);
        vm.prank(sender);
        broker.unlock();
        assertReverts(sender, address(broker), abi.encodeCall(broker.unlock, ()), "unlock already initiated");
    }

    function test_needs_a_running_system() public {
        assertNeedsRunningSystem(sender, address(broker), abi.encodeCall(broker.unlock, ()));
    }
}
