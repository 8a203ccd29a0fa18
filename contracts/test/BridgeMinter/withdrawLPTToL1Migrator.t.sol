// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeMinter_withdrawLPTToL1Migrator_Test is BridgeTest {
    function test_sends_everything() public {
        vm.prank(alice);
        l1Token.transfer(address(bridgeMinter), 70 * LPT);
        vm.prank(l1Migrator);
        vm.assertEq(bridgeMinter.withdrawLPTToL1Migrator(), 70 * LPT);
        vm.assertEq(l1Token.balanceOf(l1Migrator), 70 * LPT);
        vm.prank(l1Migrator);
        vm.assertEq(bridgeMinter.withdrawLPTToL1Migrator(), 0);
    }

    function test_is_the_migrators() public {
        bytes memory data = abi.encodeCall(bridgeMinter.withdrawLPTToL1Migrator, ());
        assertReverts(address(l1Gateway), address(bridgeMinter), data, "NOT_L1_MIGRATOR");
    }
}
