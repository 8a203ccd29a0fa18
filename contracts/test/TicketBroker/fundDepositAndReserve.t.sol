// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_fundDepositAndReserve_Test is ProtocolTest {
    function test_books_both_parts() public {
        vm.expectEmit(address(broker));
        emit ITicketBroker.ReserveFunded(sender, 1 ether);
        vm.expectEmit(address(broker));
        emit ITicketBroker.DepositFunded(sender, 2 ether);
        fundSender(2 ether, 1 ether);
        vm.assertEq(depositOf(sender), 2 ether);
        vm.assertEq(reserveOf(sender), 1 ether);
        vm.assertEq(address(minter).balance, 3 ether);
    }

    function test_cancels_the_callers_unlock_even_with_nothing() public {
        fundSender(2 ether, 1 ether);
        vm.prank(sender);
        broker.unlock();
        fundSender(0, 0);
        vm.assertFalse(broker.isUnlockInProgress(sender));
    }

    function test_says_nothing_of_an_unlock_where_there_is_none() public {
        vm.recordLogs();
        fundSender(2 ether, 1 ether);
        vm.assertEq(countLogs(address(broker)), 2, "ReserveFunded and DepositFunded");
    }

    function test_the_parts_must_be_what_is_sent() public {
        bytes memory data = abi.encodeCall(broker.fundDepositAndReserve, (1, 0));
        assertReverts(
            sender, address(broker), data, "msg.value does not equal sum of deposit amount and reserve amount"
        );
        assertPanics(sender, address(broker), abi.encodeCall(broker.fundDepositAndReserve, (NEVER, 1)), 0x11);
    }

    function test_needs_a_running_system() public {
        assertNeedsRunningSystem(sender, address(broker), abi.encodeCall(broker.fundDepositAndReserve, (0, 0)));
    }
}
