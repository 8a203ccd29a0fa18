// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRetryables} from "../../src/dev/IRetryables.sol";
import {RetryablesTest} from "../utils/RetryablesTest.sol";

contract RetryablesStandIn_keepalive_Test is RetryablesTest {
    function test_adds_a_lifetime() public {
        bytes32 ticketId = deliverInVain();
        vm.expectEmit(address(RETRYABLES));
        emit IRetryables.LifetimeExtended(ticketId, 1_000_000 + 14 days);
        vm.prank(stranger);
        vm.assertEq(RETRYABLES.keepalive(ticketId), 1_000_000 + 14 days);
        vm.warp(1_000_000 + 14 days);
        RETRYABLES.redeem(ticketId);
        vm.assertEq(target.calls(), 1);
    }

    function test_looks_no_further_ahead_than_two_lifetimes() public {
        bytes32 ticketId = deliverInVain();
        RETRYABLES.keepalive(ticketId);
        bytes memory reason = abi.encodeWithSelector(IRetryables.TooFarInTheFuture.selector);
        assertRevertsWith(stranger, address(RETRYABLES), abi.encodeCall(RETRYABLES.keepalive, (ticketId)), reason);
        vm.warp(1_000_000 + 7 days);
        RETRYABLES.keepalive(ticketId);
        vm.assertEq(RETRYABLES.getTimeout(ticketId), 1_000_000 + 21 days);
    }
}
