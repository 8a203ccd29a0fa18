// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_fundDeposit_Test is ProtocolTest {
    function test_books_the_money_and_passes_it_to_the_minter() public {
        vm.expectEmit(address(broker));
        emit ITicketBroker.DepositFunded(sender, 2 ether);
        vm.prank(sender);
        broker.fundDeposit{value: 2 ether}();
        vm.assertEq(depositOf(sender), 2 ether);
        vm.assertEq(reserveOf(sender), 0);
        vm.assertEq(address(broker).balance, 0);
        vm.assertEq(sender.balance + address(minter).balance, 1_000 ether);
    }

    function test_cancels_the_callers_unlock() public {
        fundSender(1 ether, 1 ether);
        vm.prank(sender);
        broker.unlock();
        vm.expectEmit(address(broker));
        emit ITicketBroker.UnlockCancelled(sender);
        vm.prank(sender);
        broker.fundDeposit{value: 2 ether}();
        vm.assertEq(withdrawRoundOf(sender), 0);
    }

    function test_needs_a_running_system_but_no_initialized_round() public {
        assertNeedsRunningSystem(sender, address(broker), abi.encodeCall(broker.fundDeposit, ()));
        enterRound(FIRST_ROUND + 1);
        vm.prank(sender);
        broker.fundDeposit{value: 2 ether}();
    }
}
