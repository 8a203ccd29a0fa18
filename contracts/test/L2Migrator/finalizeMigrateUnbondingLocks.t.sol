// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {IMigrator} from "../../src/bridge/IMigrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_finalizeMigrateUnbondingLocks_Test is MigrationTest {
    function params(uint256 a, uint256 b, address delegate)
        private
        view
        returns (IMigrator.MigrateUnbondingLocksParams memory)
    {
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (a, b);
        return IMigrator.MigrateUnbondingLocksParams(dave, erin, 42 * LPT, ids, delegate);
    }

    function call(uint256 a, uint256 b, address delegate) private view returns (bytes memory) {
        return abi.encodeCall(migrator2.finalizeMigrateUnbondingLocks, (params(a, b, delegate)));
    }

    function test_bonds_what_was_in_the_locks() public {
        bytes memory data = call(0, 7, alice);
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.MigrateUnbondingLocksFinalized(params(0, 7, alice));
        vm.prank(aliasOf(address(migrator1)));
        (bool ok,) = address(migrator2).call(data);
        vm.assertTrue(ok);
        vm.assertEq(bondedAmountOf(erin), 42 * LPT);
        vm.assertEq(delegateOf(erin), alice);
        vm.assertTrue(migrator2.migratedUnbondingLocks(dave, 0));
        vm.assertTrue(migrator2.migratedUnbondingLocks(dave, 7));
        vm.assertFalse(migrator2.migratedUnbondingLocks(dave, 1));
    }

    function test_takes_each_lock_once() public {
        bytes memory first = call(0, 7, alice);
        vm.prank(aliasOf(address(migrator1)));
        (bool ok,) = address(migrator2).call(first);
        vm.assertTrue(ok);
        string memory reason = "UNBONDING_LOCK_ALREADY_MIGRATED";
        assertReverts(aliasOf(address(migrator1)), address(migrator2), call(1, 7, alice), reason);
        assertReverts(aliasOf(address(migrator1)), address(migrator2), call(3, 3, alice), reason);
        vm.assertFalse(migrator2.migratedUnbondingLocks(dave, 1));
    }

    // 2022-02: who has unbonded everything has no delegate, so this stake is bonded to nobody until its owner moves it.
    function test_stake_without_a_delegate_can_be_moved_by_its_owner() public {
        bytes memory data = call(0, 1, address(0));
        vm.prank(aliasOf(address(migrator1)));
        (bool ok,) = address(migrator2).call(data);
        vm.assertTrue(ok);
        vm.assertEq(bonding.transcoderTotalStake(address(0)), 42 * LPT);
        bondAs(erin, 0, alice);
        vm.assertEq(delegateOf(erin), alice);
        vm.assertEq(bondedAmountOf(erin), 42 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(address(0)), 0);
    }

    function test_comes_from_the_alias_of_the_l1_migrator_only() public {
        assertReverts(address(migrator1), address(migrator2), call(0, 1, alice), "ONLY_COUNTERPART_GATEWAY");
    }
}
