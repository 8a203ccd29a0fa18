// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1LPTGateway_calculateL2TokenAddress_Test is BridgeTest {
    function test_knows_lpt_and_nothing_else() public view {
        vm.assertEq(l1Gateway.calculateL2TokenAddress(address(l1Token)), address(token));
        vm.assertEq(l1Gateway.calculateL2TokenAddress(address(token)), address(0));
    }
}
