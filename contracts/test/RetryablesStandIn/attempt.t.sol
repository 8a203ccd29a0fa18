// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RetryablesStandIn} from "../../src/dev/RetryablesStandIn.sol";
import {RetryablesTest} from "../utils/RetryablesTest.sol";

contract RetryablesStandIn_attempt_Test is RetryablesTest {
    function test_is_its_own() public {
        bytes32 ticketId = deliverInVain();
        bytes memory data = abi.encodeCall(RetryablesStandIn.attempt, (ticketId, 100_000));
        assertReverts(relayer, address(RETRYABLES), data, "RetryablesStandIn: redeem instead");
    }
}
