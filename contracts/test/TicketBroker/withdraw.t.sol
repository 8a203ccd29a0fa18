// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_withdraw_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        fundSender(2 ether, 1 ether);
    }

    function test_pays_everything_back_after_the_unlock_period() public {
        vm.prank(sender);
        broker.unlock();
        startRound(FIRST_ROUND + 2);
        vm.expectEmit(address(broker));
        emit ITicketBroker.Withdrawal(sender, 2 ether, 1 ether);
        vm.prank(sender);
        broker.withdraw();
        vm.assertEq(sender.balance, 1_000 ether);
        vm.assertEq(address(minter).balance, 0);
        vm.assertEq(depositOf(sender), 0);
        vm.assertEq(reserveOf(sender), 0);
    }

    function test_pays_a_deposit_or_a_reserve_alone() public {
        vm.prank(stranger);
        broker.fundDeposit{value: 1 ether}();
        vm.prank(dave);
        broker.fundReserve{value: 2 ether}();
        vm.prank(stranger);
        broker.unlock();
        vm.prank(dave);
        broker.unlock();
        startRound(FIRST_ROUND + 2);
        vm.prank(stranger);
        broker.withdraw();
        vm.prank(dave);
        broker.withdraw();
        vm.assertEq(stranger.balance, 1_000 ether);
        vm.assertEq(dave.balance, 1_000 ether);
    }

    function test_leaves_the_sender_unlocked_until_it_funds_again() public {
        vm.prank(sender);
        broker.unlock();
        startRound(FIRST_ROUND + 2);
        vm.prank(sender);
        broker.withdraw();
        vm.assertEq(withdrawRoundOf(sender), FIRST_ROUND + 2);
        fundSender(1, 0);
        vm.assertEq(withdrawRoundOf(sender), 0);
    }

    function test_waits_for_the_unlock_period() public {
        bytes memory data = abi.encodeCall(broker.withdraw, ());
        assertReverts(sender, address(broker), data, "no unlock request in progress");
        vm.prank(sender);
        broker.unlock();
        startRound(FIRST_ROUND + 1);
        assertReverts(sender, address(broker), data, "account is locked");
    }

    function test_pays_once() public {
        vm.prank(sender);
        broker.unlock();
        startRound(FIRST_ROUND + 2);
        vm.prank(sender);
        broker.withdraw();
        bytes memory data = abi.encodeCall(broker.withdraw, ());
        assertReverts(sender, address(broker), data, "sender deposit and reserve are zero");
    }

    function test_needs_a_running_system() public {
        assertNeedsRunningSystem(sender, address(broker), abi.encodeCall(broker.withdraw, ()));
    }
}
