// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRetryables} from "../../src/dev/IRetryables.sol";
import {RetryablesTest} from "../utils/RetryablesTest.sol";

contract RetryablesStandIn_cancel_Test is RetryablesTest {
    function test_refunds_the_call_value_to_the_beneficiary() public {
        bytes32 ticketId = deliverInVain();
        vm.expectEmit(address(RETRYABLES));
        emit IRetryables.Canceled(ticketId);
        vm.prank(beneficiary);
        RETRYABLES.cancel(ticketId);
        vm.assertEq(beneficiary.balance, 3);
        vm.assertEq(target.calls(), 0);
        assertGone(ticketId);
    }

    function test_is_the_beneficiarys() public {
        bytes32 ticketId = deliverInVain();
        bytes memory reason = abi.encodeWithSelector(IRetryables.NotBeneficiary.selector);
        assertRevertsWith(stranger, address(RETRYABLES), abi.encodeCall(RETRYABLES.cancel, (ticketId)), reason);
        assertRevertsWith(speaker, address(RETRYABLES), abi.encodeCall(RETRYABLES.cancel, (ticketId)), reason);
    }
}
