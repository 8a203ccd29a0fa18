// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_claimEarnings_Test is ProtocolTest {
    function test_adds_rewards_to_the_stake() public {
        startWithTranscoders();
        rewardAs(alice);
        uint256 pending = bonding.pendingStake(carol, 0);
        vm.expectEmit(address(bonding));
        emit IBondingManager.EarningsClaimed(alice, carol, pending - 200 * LPT, 0, FIRST_ROUND + 1, FIRST_ROUND + 1);
        claimAs(carol);
        vm.assertEq(bondedAmountOf(carol), pending);
        vm.assertEq(lastClaimRoundOf(carol), FIRST_ROUND + 1);
    }

    function test_is_written_into_the_voting_history() public {
        startWithTranscoders();
        rewardAs(alice);
        uint256 pending = bonding.pendingStake(carol, 0);
        vm.expectEmit(address(votes));
        emit IBondingVotes.DelegatorBondedAmountChanged(
            carol, 200 * LPT, FIRST_ROUND, pending, FIRST_ROUND + 1
        );
        claimAs(carol);
    }

    function test_is_announced_without_a_delegate_too() public {
        vm.expectEmit(address(bonding));
        emit IBondingManager.EarningsClaimed(address(0), stranger, 0, 0, 1, FIRST_ROUND);
        claimAs(stranger);
    }

    function test_ignores_its_argument() public {
        startWithTranscoders();
        vm.prank(carol);
        bonding.claimEarnings(NEVER);
        vm.assertEq(lastClaimRoundOf(carol), FIRST_ROUND + 1);
    }

    function test_claiming_before_the_reward_forfeits_it() public {
        startWithTranscoders();
        claimAs(carol);
        rewardAs(alice);
        nextRound();
        vm.assertEq(bonding.pendingStake(carol, 0), 200 * LPT);
    }

    function test_pays_the_same_however_often_it_is_called() public {
        startWithTranscoders();
        bondAs(dave, 200 * LPT, alice);
        for (uint256 i = 0; i < 4; i++) {
            nextRound();
            rewardAs(alice);
            claimAs(dave);
        }
        uint256 once = bonding.pendingStake(carol, 0);
        // carol also has the reward of the round before dave came: none was called in it.
        vm.assertGe(once, bondedAmountOf(dave), "claiming often must not pay more");
        vm.assertLe(once - bondedAmountOf(dave), 4, "claiming often only loses what is rounded away");
    }

    function test_a_transcoder_collects_what_it_keeps() public {
        startWithTranscoders();
        rewardAs(alice);
        (,,,,,,, uint256 cumulativeRewards,,) = bonding.getTranscoder(alice);
        vm.assertGt(cumulativeRewards, 0, "alice keeps a tenth");
        claimAs(alice);
        (,,,,,,, cumulativeRewards,,) = bonding.getTranscoder(alice);
        vm.assertEq(cumulativeRewards, 0);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.claimEarnings, (0));
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }

    function test_a_second_claim_in_a_round_changes_nothing() public {
        startWithTranscoders();
        claimAs(alice);
        rewardAs(alice);
        (,,,,,,, uint256 rewards,,) = bonding.getTranscoder(alice);
        vm.assertGt(rewards, 0, "the reward waits for the next round's claim");
        claimAs(alice);
        vm.assertEq(bondedAmountOf(alice), 1000 * LPT);
        (,,,,,,, uint256 still,,) = bonding.getTranscoder(alice);
        vm.assertEq(still, rewards);
    }
}
