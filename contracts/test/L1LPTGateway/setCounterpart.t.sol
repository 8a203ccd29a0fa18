// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL1LPTGateway} from "../../src/bridge/l1/IL1LPTGateway.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1LPTGateway_setCounterpart_Test is BridgeTest {
    function test_sets_the_layer_2_gateway() public {
        vm.expectEmit(address(l1Gateway));
        emit IL1LPTGateway.L2CounterpartUpdate(bob);
        l1Gateway.setCounterpart(bob);
        vm.assertEq(l1Gateway.l2Counterpart(), bob);
        vm.assertEq(l1Gateway.counterpartGateway(), bob);
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(l1Gateway), abi.encodeCall(l1Gateway.setCounterpart, (stranger)));
    }
}
