// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRetryables} from "../../src/dev/IRetryables.sol";
import {RetryablesTest} from "../utils/RetryablesTest.sol";

contract RetryablesStandIn_expire_Test is RetryablesTest {
    function test_refunds_the_call_value_once_the_time_is_over() public {
        bytes32 ticketId = deliverInVain();
        uint256 timeout = RETRYABLES.getTimeout(ticketId);
        vm.warp(timeout);
        bytes memory data = abi.encodeCall(RETRYABLES.expire, (ticketId));
        bytes memory reason = abi.encodeWithSelector(IRetryables.NotExpired.selector, timeout);
        assertRevertsWith(stranger, address(RETRYABLES), data, reason);
        vm.warp(timeout + 1);
        vm.expectEmit(address(RETRYABLES));
        emit IRetryables.Expired(ticketId);
        vm.prank(stranger);
        RETRYABLES.expire(ticketId);
        vm.assertEq(beneficiary.balance, 3);
        reason = abi.encodeWithSelector(IRetryables.NoTicketWithID.selector);
        assertRevertsWith(stranger, address(RETRYABLES), data, reason);
    }
}
