// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeMinter_bridgeMint_Test is BridgeTest {
    function test_creates_tokens_for_the_gateway() public {
        vm.prank(address(l1Gateway));
        bridgeMinter.bridgeMint(carol, 5);
        vm.assertEq(l1Token.balanceOf(carol), 5);
        vm.assertEq(l1Token.totalSupply(), 2000 * LPT + 5);
    }

    function test_is_the_gateways() public {
        bytes memory data = abi.encodeCall(bridgeMinter.bridgeMint, (stranger, 1));
        assertReverts(owner, address(bridgeMinter), data, "NOT_L1_LPT_GATEWAY");
        assertReverts(l1Migrator, address(bridgeMinter), data, "NOT_L1_LPT_GATEWAY");
    }
}
