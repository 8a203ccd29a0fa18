// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {L2LPTGateway} from "../../src/bridge/l2/L2LPTGateway.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTGateway_constructor_Test is BridgeTest {
    function test_knows_what_it_was_given_and_starts_paused() public {
        L2LPTGateway gateway = new L2LPTGateway(l2Router, address(l1Token), address(token), address(l2Cache));
        vm.assertTrue(gateway.paused());
        vm.assertTrue(gateway.hasRole(bytes32(0), address(this)));
        vm.assertEq(gateway.l2Router(), l2Router);
        vm.assertEq(gateway.l1Lpt(), address(l1Token));
        vm.assertEq(gateway.l2Lpt(), address(token));
        vm.assertEq(gateway.l2LPTDataCache(), address(l2Cache));
        vm.assertEq(gateway.l1Counterpart(), address(0));
    }
}
