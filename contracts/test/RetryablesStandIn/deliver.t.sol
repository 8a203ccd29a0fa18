// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRetryables} from "../../src/dev/IRetryables.sol";
import {RetryablesTest} from "../utils/RetryablesTest.sol";

contract RetryablesStandIn_deliver_Test is RetryablesTest {
    function test_makes_the_call_as_the_alias_and_refunds_the_rest() public {
        bytes32 ticketId = RETRYABLES.ticketIdOf(0);
        vm.expectEmit(address(RETRYABLES));
        emit IRetryables.TicketCreated(ticketId);
        vm.expectEmit(address(RETRYABLES));
        emit IRetryables.Redeemed(ticketId);
        deliver(hit());
        vm.assertEq(target.calls(), 1);
        vm.assertEq(target.lastSender(), speaker);
        vm.assertEq(address(target).balance, 3);
        vm.assertEq(refunded.balance, 7);
        vm.assertEq(address(RETRYABLES).balance, 0);
        assertGone(ticketId);
    }

    function test_remembers_how_far_it_is() public {
        vm.assertEq(RETRYABLES.relayer(), relayer);
        deliver(hit());
        deliver(hit());
        vm.assertEq(RETRYABLES.delivered(), 2);
        vm.assertEq(RETRYABLES.inboxAcc(), keccak256(abi.encode(1)));
    }

    function test_keeps_a_message_whose_call_fails() public {
        target.setOpen(false);
        bytes32 ticketId = RETRYABLES.ticketIdOf(0);
        vm.expectEmit(address(RETRYABLES));
        emit IRetryables.FirstAttemptFailed(ticketId, abi.encodeWithSignature("Error(string)", "closed"));
        deliver(hit());
        vm.assertEq(RETRYABLES.getTimeout(ticketId), 1_000_000 + 7 days);
        vm.assertEq(RETRYABLES.getBeneficiary(ticketId), beneficiary);
        vm.assertEq(address(RETRYABLES).balance, 3);
        vm.assertEq(address(speaker).balance, 0);
        vm.assertEq(refunded.balance, 7);
    }

    function test_keeps_a_message_that_runs_out_of_gas() public {
        bytes32 ticketId = deliver(message(abi.encodeCall(target.burnGas, ())));
        vm.assertEq(target.calls(), 0);
        vm.assertGt(RETRYABLES.getTimeout(ticketId), 0, "waits");
    }

    function test_a_long_reason_is_cut() public {
        bytes32 ticketId = RETRYABLES.ticketIdOf(0);
        vm.expectEmit(address(RETRYABLES));
        emit IRetryables.FirstAttemptFailed(ticketId, new bytes(1024));
        deliver(message(abi.encodeCall(target.failAtLength, ())));
    }

    function test_makes_no_attempt_without_gas() public {
        IRetryables.Message memory what = hit();
        what.maxGas = 0;
        bytes32 ticketId = deliver(what);
        vm.assertEq(target.calls(), 0);
        RETRYABLES.redeem(ticketId);
        vm.assertEq(target.calls(), 1);
    }

    function test_a_message_without_data_only_brings_eth() public {
        deliver(message(""));
        vm.assertEq(address(target).balance, 3);
    }

    function test_a_refund_runs_no_code() public {
        IRetryables.Message memory what = hit();
        // Has no function to take ETH with.
        what.feeRefundAddress = address(this);
        uint256 before = address(this).balance;
        deliver(what);
        vm.assertEq(address(this).balance, before + 7);
    }

    function test_takes_each_message_once_and_in_order() public {
        IRetryables.Message memory what = hit();
        deliver(what);
        bytes memory reason = abi.encodeWithSelector(IRetryables.WrongMessageNumber.selector, 1);
        what.deposit = 0;
        what.callValue = 0;
        address to = address(RETRYABLES);
        assertRevertsWith(relayer, to, abi.encodeCall(RETRYABLES.deliver, (0, bytes32(0), what)), reason);
        assertRevertsWith(relayer, to, abi.encodeCall(RETRYABLES.deliver, (2, bytes32(0), what)), reason);
        vm.assertEq(target.calls(), 1);
    }

    function test_is_the_relayers() public {
        bytes memory data = abi.encodeCall(RETRYABLES.deliver, (0, bytes32(0), hit()));
        bytes memory reason = abi.encodeWithSelector(IRetryables.NotRelayer.selector);
        assertRevertsWith(stranger, address(RETRYABLES), data, reason);
    }

    function test_needs_the_deposit_and_that_it_covers_the_call() public {
        IRetryables.Message memory what = hit();
        bytes memory reason = abi.encodeWithSelector(IRetryables.WrongDeposit.selector);
        bytes memory data = abi.encodeCall(RETRYABLES.deliver, (0, bytes32(0), what));
        assertRevertsWith(relayer, address(RETRYABLES), data, reason);
        what.deposit = 0;
        data = abi.encodeCall(RETRYABLES.deliver, (0, bytes32(0), what));
        assertRevertsWith(relayer, address(RETRYABLES), data, reason);
    }

    function test_needs_somebody_at_the_alias() public {
        IRetryables.Message memory what = hit();
        what.aliasedSender = stranger;
        what.deposit = 0;
        what.callValue = 0;
        bytes memory data = abi.encodeCall(RETRYABLES.deliver, (0, bytes32(0), what));
        bytes memory reason = abi.encodeWithSelector(IRetryables.NoAliasedSender.selector, stranger);
        assertRevertsWith(relayer, address(RETRYABLES), data, reason);
    }

    function test_needs_gas_for_the_first_attempt() public {
        IRetryables.Message memory what = hit();
        vm.prank(relayer);
        (bool ok, bytes memory result) =
            address(RETRYABLES).call{value: 10, gas: 400_000}(abi.encodeCall(RETRYABLES.deliver, (0, bytes32(0), what)));
        vm.assertFalse(ok);
        vm.assertEq(result, abi.encodeWithSelector(IRetryables.NotEnoughGas.selector), "reason");
    }
}
