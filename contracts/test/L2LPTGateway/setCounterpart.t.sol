// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2LPTGateway} from "../../src/bridge/l2/IL2LPTGateway.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTGateway_setCounterpart_Test is BridgeTest {
    function test_sets_the_layer_1_gateway() public {
        vm.expectEmit(address(l2Gateway));
        emit IL2LPTGateway.L1CounterpartUpdate(bob);
        l2Gateway.setCounterpart(bob);
        vm.assertEq(l2Gateway.l1Counterpart(), bob);
        vm.assertEq(l2Gateway.counterpartGateway(), bob);
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(l2Gateway), abi.encodeCall(l2Gateway.setCounterpart, (stranger)));
    }
}
