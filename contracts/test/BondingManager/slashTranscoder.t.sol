// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ISlashing} from "../../src/bonding/ISlashing.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_slashTranscoder_Test is ProtocolTest {
    ISlashing private slashing;

    function setUp() public override {
        super.setUp();
        slashing = ISlashing(address(bonding));
        startWithTranscoders();
        register("Verifier", verifier);
        token.grantRole(BURNER_ROLE, address(minter));
    }

    function slash(address transcoder, address finder, uint256 part, uint256 fee) private {
        vm.prank(verifier);
        bonding.slashTranscoder(transcoder, finder, part, fee);
    }

    function test_takes_a_part_of_the_stake_and_pays_the_finder() public {
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(alice, dave, 500 * LPT, 50 * LPT);
        slash(alice, dave, 500_000, 100_000);
        vm.assertEq(bondedAmountOf(alice), 500 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 700 * LPT);
        vm.assertEq(token.balanceOf(dave), 10_050 * LPT);
        vm.assertEq(token.totalSupply(), supply - 450 * LPT);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
        vm.assertEq(deactivationRoundOf(alice), FIRST_ROUND + 2);
    }

    function test_burns_everything_without_a_finder() public {
        uint256 supply = token.totalSupply();
        slash(alice, address(0), 500_000, 100_000);
        vm.assertEq(token.totalSupply(), supply - 500 * LPT);
    }

    function test_who_has_no_stake_loses_nothing() public {
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(stranger, dave, 0, 0);
        slash(stranger, dave, 500_000, 100_000);
    }

    function test_changes_nothing_if_there_is_nothing_to_take() public {
        vm.recordLogs();
        slash(stranger, dave, 500_000, 100_000);
        vm.assertEq(countLogs(address(token)), 0);
        vm.assertFalse(votes.hasCheckpoint(address(0)), "nor is there a history of nobody");
    }

    function test_is_written_into_the_voting_history() public {
        slash(alice, address(0), 500_000, 0);
        vm.assertEq(votes.getVotes(alice), 700 * LPT);
    }

    // Code4rena 2023, finding 194: delegators of a transcoder without stake kept their votes.
    function test_delegators_of_a_transcoder_slashed_of_everything_have_no_votes() public {
        slash(alice, address(0), 1_000_000, 0);
        vm.assertEq(votes.getVotes(alice), 0);
        vm.assertEq(votes.getVotes(carol), 0);
    }

    function test_gives_the_treasury_what_the_minter_may_not_burn() public {
        token.revokeRole(BURNER_ROLE, address(minter));
        uint256 supply = token.totalSupply();
        slash(alice, dave, 500_000, 100_000);
        vm.assertEq(token.totalSupply(), supply);
        vm.assertEq(token.balanceOf(treasury), 450 * LPT);
        vm.assertEq(token.balanceOf(dave), 10_050 * LPT);
    }

    function test_a_transcoder_slashed_of_everything_keeps_what_others_bond_to_it_and_no_more() public {
        slash(alice, address(0), 1_000_000, 0);
        vm.assertEq(bonding.transcoderTotalStake(alice), 200 * LPT);
        vm.assertEq(delegateOf(alice), address(0));
        vm.assertEq(startRoundOf(alice), 0);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 500 * LPT);
        vm.assertFalse(bonding.isRegisteredTranscoder(alice));
        unbondAs(carol, 200 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 0);
    }

    function test_takes_pending_stake_too() public {
        bondAs(alice, 100 * LPT, alice);
        slash(alice, address(0), 1_000_000, 0);
        vm.assertEq(bondedAmountOf(alice), 0);
        vm.assertEq(bonding.transcoderTotalStake(alice), 200 * LPT);
    }

    function test_takes_rewards_that_came_after_this_rounds_claim() public {
        claimAs(alice);
        rewardAs(alice);
        uint256 stake = bonding.pendingStake(alice, 0);
        vm.assertGt(stake, 1000 * LPT, "something was earned");
        uint256 supply = token.totalSupply();
        slash(alice, address(0), 1_000_000, 0);
        vm.assertEq(token.totalSupply(), supply - stake);
        vm.assertEq(bonding.pendingStake(alice, 0), 0);
        (,,,,,,, uint256 own,,) = bonding.getTranscoder(alice);
        vm.assertEq(own, 0);
    }

    // 2019: the deployed slash could be dodged by unbonding first.
    function test_reaches_stake_that_is_unbonding() public {
        unbondAs(alice, 400 * LPT);
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(bonding));
        emit ISlashing.UnbondingLockSlashed(alice, 0, 200 * LPT);
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(alice, dave, 500 * LPT, 50 * LPT);
        slash(alice, dave, 500_000, 100_000);
        (uint256 amount,) = bonding.getDelegatorUnbondingLock(alice, 0);
        vm.assertEq(amount, 200 * LPT);
        vm.assertEq(bondedAmountOf(alice), 300 * LPT);
        vm.assertEq(token.totalSupply(), supply - 450 * LPT);
    }

    function test_reaches_stake_of_somebody_who_has_unbonded_everything() public {
        unbondAs(alice, 1000 * LPT);
        slash(alice, dave, 1_000_000, 100_000);
        vm.assertFalse(bonding.isValidUnbondingLock(alice, 0));
        vm.assertEq(token.balanceOf(dave), 10_100 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 200 * LPT);
    }

    function test_spares_locks_that_can_be_withdrawn() public {
        unbondAs(alice, 400 * LPT);
        nextRound();
        unbondAs(alice, 100 * LPT);
        nextRound();
        slash(alice, address(0), 500_000, 0);
        (uint256 old,) = bonding.getDelegatorUnbondingLock(alice, 0);
        (uint256 young,) = bonding.getDelegatorUnbondingLock(alice, 1);
        vm.assertEq(old, 400 * LPT);
        vm.assertEq(young, 50 * LPT);
    }

    function test_reaches_locks_that_could_be_withdrawn_if_they_were_frozen_in_time() public {
        unbondAs(alice, 400 * LPT);
        vm.prank(verifier);
        slashing.freezeStake(alice);
        nextRound();
        nextRound();
        nextRound();
        slash(alice, address(0), 500_000, 0);
        (uint256 amount,) = bonding.getDelegatorUnbondingLock(alice, 0);
        vm.assertEq(amount, 200 * LPT);
    }

    function test_reaches_stake_that_was_bonded_again_elsewhere() public {
        unbondAs(alice, 1000 * LPT);
        vm.prank(alice);
        bonding.rebondFromUnbonded(bob, 0);
        vm.assertEq(bonding.transcoderTotalStake(bob), 1500 * LPT);
        slash(alice, address(0), 500_000, 0);
        vm.assertEq(bondedAmountOf(alice), 500 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(bob), 1000 * LPT);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 1000 * LPT);
        vm.assertEq(votes.getVotes(bob), 1000 * LPT);
    }

    function test_looks_at_the_newest_locks_only_so_that_thousands_cannot_block_it() public {
        for (uint256 i = 0; i < 40; i++) {
            unbondAs(alice, LPT);
        }
        slash(alice, address(0), 500_000, 0);
        for (uint256 i = 0; i < 40; i++) {
            (uint256 amount,) = bonding.getDelegatorUnbondingLock(alice, i);
            vm.assertEq(amount, i < 8 ? LPT : LPT / 2);
        }
        vm.assertEq(slashing.locksPerSlash(), 32);
    }

    function test_leaves_this_rounds_earnings_of_delegators_as_they_were() public {
        slash(alice, address(0), 1_000_000, 0);
        rewardAs(alice);
        (uint256 totalStake,,,,) = bonding.getTranscoderEarningsPoolForRound(alice, rounds.currentRound());
        vm.assertEq(totalStake, 1200 * LPT);
        vm.assertGt(bonding.pendingStake(carol, 0), 200 * LPT, "carol earns");
        nextRound();
        vm.assertLe(bonding.pendingStake(carol, 0), bonding.transcoderTotalStake(alice), "and it is there");
    }

    function test_is_reserved_to_the_verifier() public {
        bytes memory data = abi.encodeCall(bonding.slashTranscoder, (alice, dave, 1, 1));
        assertReverts(owner, address(bonding), data, "caller must be Verifier");
        assertNeedsRunningSystem(verifier, address(bonding), data);
    }

    function test_nobody_is_the_verifier_where_none_is_registered() public {
        register("Verifier", address(0));
        bytes memory data = abi.encodeCall(bonding.slashTranscoder, (alice, dave, 1, 1));
        assertReverts(verifier, address(bonding), data, "caller must be Verifier");
    }
}
