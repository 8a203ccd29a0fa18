// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_fundDepositAndReserveFor_Test is ProtocolTest {
    function test_books_for_another_account() public {
        vm.prank(dave);
        broker.fundDepositAndReserveFor{value: 3 ether}(sender, 2 ether, 1 ether);
        vm.assertEq(depositOf(sender), 2 ether);
        vm.assertEq(reserveOf(sender), 1 ether);
        vm.assertEq(depositOf(dave), 0);
    }

    // 2023-09: funding somebody else with nothing cancelled its unlock, over and over.
    function test_does_not_cancel_the_unlock_of_another() public {
        fundSender(2 ether, 1 ether);
        vm.prank(sender);
        broker.unlock();
        vm.prank(dave);
        broker.fundDepositAndReserveFor(sender, 0, 0);
        vm.assertEq(withdrawRoundOf(sender), FIRST_ROUND + 2);
        vm.prank(sender);
        broker.fundDepositAndReserveFor(sender, 0, 0);
        vm.assertEq(withdrawRoundOf(sender), 0);
    }

    function test_the_parts_must_be_what_is_sent() public {
        bytes memory data = abi.encodeCall(broker.fundDepositAndReserveFor, (sender, 1, 0));
        assertReverts(dave, address(broker), data, "msg.value does not equal sum of deposit amount and reserve amount");
    }

    function test_needs_a_running_system() public {
        bytes memory data = abi.encodeCall(broker.fundDepositAndReserveFor, (sender, 0, 0));
        assertNeedsRunningSystem(dave, address(broker), data);
    }
}
