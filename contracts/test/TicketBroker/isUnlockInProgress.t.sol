// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_isUnlockInProgress_Test is ProtocolTest {
    function test_lasts_from_unlock_to_cancellation() public {
        fundSender(1, 0);
        vm.assertFalse(broker.isUnlockInProgress(sender));
        vm.prank(sender);
        broker.unlock();
        vm.assertTrue(broker.isUnlockInProgress(sender));
        vm.prank(sender);
        broker.cancelUnlock();
        vm.assertFalse(broker.isUnlockInProgress(sender));
    }
}
