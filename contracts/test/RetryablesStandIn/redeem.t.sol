// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRetryables} from "../../src/dev/IRetryables.sol";
import {RetryablesTest} from "../utils/RetryablesTest.sol";

contract RetryablesStandIn_redeem_Test is RetryablesTest {
    function test_anybody_may_make_the_call_later() public {
        bytes32 ticketId = deliverInVain();
        vm.expectEmit(address(RETRYABLES));
        emit IRetryables.Redeemed(ticketId);
        vm.prank(stranger);
        RETRYABLES.redeem(ticketId);
        vm.assertEq(target.calls(), 1);
        vm.assertEq(target.lastSender(), speaker);
        vm.assertEq(address(target).balance, 3);
        assertGone(ticketId);
    }

    function test_with_more_gas_than_the_first_attempt_had() public {
        bytes32 ticketId = deliver(message(abi.encodeCall(target.burnGas, ())));
        RETRYABLES.redeem{gas: 400_000}(ticketId);
        vm.assertEq(target.calls(), 1);
    }

    function test_fails_as_the_call_fails_and_keeps_the_message() public {
        bytes32 ticketId = deliverInVain();
        target.setOpen(false);
        assertReverts(stranger, address(RETRYABLES), abi.encodeCall(RETRYABLES.redeem, (ticketId)), "closed");
        target.setOpen(true);
        RETRYABLES.redeem(ticketId);
        vm.assertEq(target.calls(), 1);
    }

    function test_cannot_happen_inside_of_itself() public {
        bytes32 ticketId = RETRYABLES.ticketIdOf(0);
        deliver(message(abi.encodeCall(target.redeemAgain, (ticketId))));
        vm.assertEq(target.calls(), 0);
        bytes memory reason = abi.encodeWithSelector(IRetryables.NoTicketWithID.selector);
        assertRevertsWith(stranger, address(RETRYABLES), abi.encodeCall(RETRYABLES.redeem, (ticketId)), reason);
        vm.assertGt(RETRYABLES.getTimeout(ticketId), 0, "waits");
    }

    function test_is_possible_for_seven_days() public {
        bytes32 ticketId = deliverInVain();
        vm.assertEq(RETRYABLES.getLifetime(), 604_800);
        vm.warp(1_000_000 + 7 days);
        RETRYABLES.redeem(ticketId);
        vm.assertEq(target.calls(), 1);
    }

    function test_is_too_late_afterwards() public {
        bytes32 ticketId = deliverInVain();
        vm.warp(1_000_000 + 7 days + 1);
        assertGone(ticketId);
    }
}
