// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_setClaimStakeEnabled_Test is MigrationTest {
    function test_switches_claims_on_and_off() public {
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.ClaimStakeEnabled(true);
        migrator2.setClaimStakeEnabled(true);
        vm.assertTrue(migrator2.claimStakeEnabled());
        migrator2.setClaimStakeEnabled(false);
        vm.assertFalse(migrator2.claimStakeEnabled());
    }

    function test_is_the_controller_owners() public {
        assertNeedsOwner(address(migrator2), abi.encodeCall(migrator2.setClaimStakeEnabled, (true)));
    }
}
