// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract InboxStandIn_calculateRetryableSubmissionFee_Test is BridgeTest {
    function test_grows_with_the_data_and_the_base_fee() public {
        vm.assertEq(inbox.calculateRetryableSubmissionFee(0, 1), 1_400);
        vm.assertEq(inbox.calculateRetryableSubmissionFee(100, 3), 6_000);
        vm.fee(5);
        vm.assertEq(inbox.calculateRetryableSubmissionFee(100, 0), 10_000);
    }
}
