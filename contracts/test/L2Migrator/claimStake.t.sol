// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DelegatorPool} from "../../src/bridge/l2/DelegatorPool.sol";
import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_claimStake_Test is MigrationTest {
    address private l1Delegate = l1Account("delegate");

    function claim(address delegate, uint256 stake, uint256 fees, bytes32 sibling, address newDelegate)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(migrator2.claimStake, (delegate, stake, fees, proofOf(sibling), newDelegate));
    }

    function claimAs(address who, bytes memory data) private {
        vm.prank(who);
        (bool ok,) = address(migrator2).call(data);
        vm.assertTrue(ok, "the claim should succeed");
    }

    function test_bonds_the_stake_and_pays_the_fees() public {
        bytes32 other = leafOf(erin, alice, 5, 0);
        publish(leafOf(dave, alice, 70 * LPT, 1 ether), other);
        uint256 before = dave.balance;
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.StakeClaimed(dave, alice, 70 * LPT, 1 ether);
        claimAs(dave, claim(alice, 70 * LPT, 1 ether, other, address(0)));
        vm.assertEq(bondedAmountOf(dave), 70 * LPT);
        vm.assertEq(delegateOf(dave), alice);
        vm.assertEq(dave.balance, before + 1 ether);
        vm.assertTrue(migrator2.migratedDelegators(dave));
        vm.assertEq(migrator2.claimedDelegatedStake(alice), 70 * LPT);
    }

    function test_to_another_delegate_where_no_pool_holds_the_stake() public {
        bytes32 other = leafOf(erin, alice, 5, 0);
        publish(leafOf(dave, l1Delegate, 70 * LPT, 0), other);
        claimAs(dave, claim(l1Delegate, 70 * LPT, 0, other, bob));
        vm.assertEq(delegateOf(dave), bob);
        vm.assertEq(migrator2.claimedDelegatedStake(l1Delegate), 70 * LPT);
        vm.assertEq(migrator2.claimedDelegatedStake(bob), 0);
    }

    // 2022-02: the receiver of a pool's stake had no delegate and got the null delegate.
    function test_takes_the_stake_from_the_pool_with_its_delegate() public {
        bytes32 other = leafOf(erin, l1Delegate, 5, 0);
        publish(leafOf(dave, l1Delegate, 70 * LPT, 0), other);
        DelegatorPool pool = migrateTranscoder(l1Delegate, erin, 10 * LPT, 100 * LPT);
        nextRound();
        address delegate = delegateOf(address(pool));
        claimAs(dave, claim(l1Delegate, 70 * LPT, 0, other, bob));
        vm.assertEq(bondedAmountOf(dave), 70 * LPT);
        vm.assertEq(delegateOf(dave), delegate);
        vm.assertEq(bondedAmountOf(address(pool)), 30 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(address(0)), 0);
    }

    // 2022-02: with everything taken at once, the pool's own delegate is cleared before the receiver is bonded.
    function test_takes_the_whole_pool_with_its_delegate() public {
        bytes32 other = leafOf(erin, l1Delegate, 5, 0);
        publish(leafOf(dave, l1Delegate, 100 * LPT, 0), other);
        DelegatorPool pool = migrateTranscoder(l1Delegate, erin, 10 * LPT, 100 * LPT);
        nextRound();
        claimAs(dave, claim(l1Delegate, 100 * LPT, 0, other, address(0)));
        vm.assertEq(delegateOf(dave), erin);
        vm.assertEq(delegateOf(address(pool)), address(0));
        vm.assertEq(bonding.transcoderTotalStake(erin), 110 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(address(0)), 0);
    }

    // 2022-02: after the claim, bonding nothing to a delegate must move the stake there and not leave it with nobody.
    function test_stake_that_was_claimed_can_be_moved() public {
        bytes32 other = leafOf(erin, l1Delegate, 5, 0);
        publish(leafOf(dave, l1Delegate, 100 * LPT, 0), other);
        migrateTranscoder(l1Delegate, erin, 10 * LPT, 100 * LPT);
        nextRound();
        claimAs(dave, claim(l1Delegate, 100 * LPT, 0, other, address(0)));
        bondAs(dave, 0, bob);
        vm.assertEq(delegateOf(dave), bob);
        vm.assertEq(bonding.transcoderTotalStake(bob), 600 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(address(0)), 0);
    }

    function test_without_a_delegate_there_are_only_fees() public {
        bytes32 other = leafOf(erin, alice, 5, 0);
        publish(leafOf(dave, address(0), 0, 1 ether), other);
        uint256 before = dave.balance;
        claimAs(dave, claim(address(0), 0, 1 ether, other, bob));
        vm.assertEq(dave.balance, before + 1 ether);
        vm.assertEq(delegateOf(dave), address(0));
        vm.assertEq(migrator2.claimedDelegatedStake(address(0)), 0);
    }

    function test_needs_the_proof_of_exactly_this() public {
        bytes32 other = leafOf(erin, alice, 5, 0);
        publish(leafOf(dave, alice, 70 * LPT, 0), other);
        string memory reason = "CLAIM_STAKE:INVALID_PROOF";
        assertReverts(dave, address(migrator2), claim(alice, 71 * LPT, 0, other, address(0)), reason);
        assertReverts(dave, address(migrator2), claim(alice, 70 * LPT, 1, other, address(0)), reason);
        assertReverts(dave, address(migrator2), claim(bob, 70 * LPT, 0, other, address(0)), reason);
        assertReverts(bob, address(migrator2), claim(alice, 70 * LPT, 0, other, address(0)), reason);
        assertReverts(dave, address(migrator2), claim(alice, 70 * LPT, 0, bytes32(0), address(0)), reason);
    }

    function test_gives_once_by_whatever_way() public {
        bytes32 first = leafOf(dave, alice, LPT, 0);
        bytes32 second = leafOf(erin, alice, LPT, 0);
        publish(first, second);
        claimAs(dave, claim(alice, LPT, 0, second, address(0)));
        string memory reason = "CLAIM_STAKE:ALREADY_MIGRATED";
        assertReverts(dave, address(migrator2), claim(alice, LPT, 0, second, address(0)), reason);
        finalize(delegatorParams(erin, erin, LPT, 0, 0, alice));
        assertReverts(erin, address(migrator2), claim(alice, LPT, 0, first, address(0)), reason);
        bytes memory message =
            abi.encodeCall(migrator2.finalizeMigrateDelegator, (delegatorParams(dave, dave, LPT, 0, 0, alice)));
        assertReverts(aliasOf(address(migrator1)), address(migrator2), message, "DELEGATOR_ALREADY_MIGRATED");
    }

    function test_must_be_switched_on() public {
        migrator2.setClaimStakeEnabled(false);
        bytes memory data = claim(alice, LPT, 0, bytes32(0), address(0));
        assertReverts(dave, address(migrator2), data, "CLAIM_STAKE_DISABLED");
    }
}
