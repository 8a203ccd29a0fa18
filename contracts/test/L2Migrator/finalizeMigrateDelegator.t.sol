// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DelegatorPool} from "../../src/bridge/l2/DelegatorPool.sol";
import {IDelegatorPool} from "../../src/bridge/l2/IDelegatorPool.sol";
import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {IMigrator} from "../../src/bridge/IMigrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract TakesNoEth {}

contract L2Migrator_finalizeMigrateDelegator_Test is MigrationTest {
    address private l1Dave = l1Account("dave");
    address private l1Erin = l1Account("erin");

    function call(IMigrator.MigrateDelegatorParams memory params) private view returns (bytes memory) {
        return abi.encodeCall(migrator2.finalizeMigrateDelegator, (params));
    }

    function test_bonds_a_delegators_stake_and_pays_its_fees() public {
        IMigrator.MigrateDelegatorParams memory params = delegatorParams(l1Dave, dave, 50 * LPT, 0, 2 ether, alice);
        uint256 before = dave.balance;
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.MigrateDelegatorFinalized(params);
        finalize(params);
        vm.assertEq(bondedAmountOf(dave), 50 * LPT);
        vm.assertEq(delegateOf(dave), alice);
        vm.assertEq(dave.balance, before + 2 ether);
        vm.assertTrue(migrator2.migratedDelegators(l1Dave));
        vm.assertEq(migrator2.claimedDelegatedStake(alice), 50 * LPT);
    }

    function test_bonds_a_transcoder_and_puts_its_delegators_stake_into_a_pool() public {
        address expected = vm.computeCreateAddress(address(migrator2), 1);
        vm.expectEmit(expected);
        emit IDelegatorPool.DelegatorPoolInitialized(address(bonding), address(migrator2), 300 * LPT);
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.DelegatorPoolCreated(l1Dave, expected);
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.MigrateDelegatorFinalized(delegatorParams(l1Dave, dave, 100 * LPT, 400 * LPT, 0, l1Dave));
        DelegatorPool pool = migrateTranscoder(l1Dave, dave, 100 * LPT, 300 * LPT);
        vm.assertEq(address(pool), expected);
        vm.assertEq(bondedAmountOf(dave), 100 * LPT);
        vm.assertEq(delegateOf(dave), dave);
        vm.assertEq(bondedAmountOf(address(pool)), 300 * LPT);
        vm.assertEq(delegateOf(address(pool)), dave);
        vm.assertEq(bonding.transcoderTotalStake(dave), 400 * LPT);
        vm.assertEq(migrator2.claimedDelegatedStake(l1Dave), 100 * LPT);
    }

    function test_a_delegator_gets_its_stake_out_of_the_pool() public {
        DelegatorPool pool = migrateTranscoder(l1Dave, dave, 100 * LPT, 300 * LPT);
        nextRound();
        finalize(delegatorParams(l1Erin, erin, 120 * LPT, 0, 0, l1Dave));
        vm.assertEq(bondedAmountOf(erin), 120 * LPT);
        vm.assertEq(delegateOf(erin), dave);
        vm.assertEq(bondedAmountOf(address(pool)), 180 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(dave), 400 * LPT);
        vm.assertEq(migrator2.claimedDelegatedStake(l1Dave), 220 * LPT);
    }

    function test_delegators_who_came_before_are_not_put_into_the_pool() public {
        finalize(delegatorParams(l1Erin, erin, 120 * LPT, 0, 0, l1Dave));
        vm.assertEq(delegateOf(erin), l1Dave);
        DelegatorPool pool = migrateTranscoder(l1Dave, dave, 100 * LPT, 300 * LPT);
        vm.assertEq(pool.initialStake(), 180 * LPT);
    }

    // The first version failed here: nothing cannot be bonded for a pool.
    function test_a_transcoder_without_waiting_delegators_needs_no_pool() public {
        finalize(delegatorParams(l1Erin, erin, 300 * LPT, 0, 0, l1Dave));
        DelegatorPool pool = migrateTranscoder(l1Dave, dave, 100 * LPT, 300 * LPT);
        vm.assertEq(address(pool), address(0));
        vm.assertEq(bondedAmountOf(dave), 100 * LPT);
        DelegatorPool none = migrateTranscoder(l1Account("alone"), carol, 5 * LPT, 0);
        vm.assertEq(address(none), address(0));
    }

    function test_takes_each_account_once() public {
        IMigrator.MigrateDelegatorParams memory params = delegatorParams(l1Dave, dave, LPT, 0, 0, alice);
        finalize(params);
        string memory reason = "DELEGATOR_ALREADY_MIGRATED";
        assertReverts(aliasOf(address(migrator1)), address(migrator2), call(params), reason);
        vm.assertEq(bondedAmountOf(dave), LPT);
    }

    function test_fails_whole_when_the_fees_cannot_be_paid() public {
        address to = address(new TakesNoEth());
        bytes memory data = call(delegatorParams(l1Dave, to, LPT, 0, 1, alice));
        assertReverts(aliasOf(address(migrator1)), address(migrator2), data, "FINALIZE_DELEGATOR:FAIL_FEE");
        data = call(delegatorParams(l1Dave, dave, LPT, 0, 101 ether, alice));
        assertReverts(aliasOf(address(migrator1)), address(migrator2), data, "FINALIZE_DELEGATOR:FAIL_FEE");
        vm.assertFalse(migrator2.migratedDelegators(l1Dave));
    }

    function test_fails_whole_when_the_stake_has_not_come_yet() public {
        bytes memory data = call(delegatorParams(l1Dave, dave, 5001 * LPT, 0, 0, alice));
        string memory reason = "ERC20: transfer amount exceeds balance";
        assertReverts(aliasOf(address(migrator1)), address(migrator2), data, reason);
        vm.assertFalse(migrator2.migratedDelegators(l1Dave));
    }

    function test_impossible_numbers_are_refused() public {
        bytes memory data = call(delegatorParams(l1Dave, dave, 2, 1, 0, l1Dave));
        assertPanics(aliasOf(address(migrator1)), address(migrator2), data, 0x11);
        finalize(delegatorParams(l1Erin, erin, 5, 0, 0, l1Dave));
        data = call(delegatorParams(l1Dave, dave, 1, 5, 0, l1Dave));
        assertPanics(aliasOf(address(migrator1)), address(migrator2), data, 0x11);
    }

    // 2022-02: an account without a delegate was bonded to the zero address and could not leave it.
    function test_stake_without_a_delegate_can_be_moved_by_its_owner() public {
        finalize(delegatorParams(l1Dave, dave, 7 * LPT, 0, 0, address(0)));
        vm.assertEq(delegateOf(dave), address(0));
        bondAs(dave, 0, bob);
        vm.assertEq(delegateOf(dave), bob);
        vm.assertEq(bonding.transcoderTotalStake(bob), 507 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(address(0)), 0);
    }

    function test_an_account_without_stake_cannot_migrate() public {
        bytes memory data = call(delegatorParams(l1Dave, dave, 0, 0, 1, address(0)));
        string memory reason = "delegation amount must be greater than 0";
        assertReverts(aliasOf(address(migrator1)), address(migrator2), data, reason);
    }

    // The pool's stake is pending until the next round, and pending stake cannot be unbonded.
    function test_a_pool_opens_in_the_next_round() public {
        migrateTranscoder(l1Dave, dave, 100 * LPT, 300 * LPT);
        bytes memory data = call(delegatorParams(l1Erin, erin, 120 * LPT, 0, 0, l1Dave));
        assertReverts(aliasOf(address(migrator1)), address(migrator2), data, "caller must be bonded");
        nextRound();
        finalize(delegatorParams(l1Erin, erin, 120 * LPT, 0, 0, l1Dave));
        vm.assertEq(bondedAmountOf(erin), 120 * LPT);
    }

    function test_comes_from_the_alias_of_the_l1_migrator_only() public {
        bytes memory data = call(delegatorParams(l1Dave, dave, LPT, 0, 0, alice));
        assertReverts(address(migrator1), address(migrator2), data, "ONLY_COUNTERPART_GATEWAY");
        assertReverts(owner, address(migrator2), data, "ONLY_COUNTERPART_GATEWAY");
    }
}
