// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeMinter_constructor_Test is BridgeTest {
    function test_knows_what_it_was_given() public view {
        vm.assertEq(address(bridgeMinter.controller()), address(l1Controller));
        vm.assertEq(address(bridgeMinter.getController()), address(l1Controller));
        vm.assertEq(bridgeMinter.l1MigratorAddr(), l1Migrator);
        vm.assertEq(bridgeMinter.l1LPTGatewayAddr(), address(l1Gateway));
    }
}
