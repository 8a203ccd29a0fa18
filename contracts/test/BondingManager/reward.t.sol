// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_reward_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
    }

    function test_mints_the_transcoders_part_of_the_issuance() public {
        uint256 mintable = minter.currentMintableTokens();
        uint256 share = mintable * (1200 * LPT * 1e9 / (1700 * LPT)) / 1e9;
        vm.expectEmit(address(bonding));
        emit IBondingManager.Reward(alice, share);
        rewardAs(alice);
        vm.assertEq(bonding.transcoderTotalStake(alice), 1200 * LPT + share);
        vm.assertEq(minter.currentMintedTokens(), share);
        vm.assertEq(token.balanceOf(address(minter)), 1700 * LPT + share);
        vm.assertEq(lastRewardRoundOf(alice), FIRST_ROUND + 1);
    }

    function test_shares_by_the_reward_cut_and_the_stakes() public {
        rewardAs(alice);
        uint256 share = bonding.transcoderTotalStake(alice) - 1200 * LPT;
        uint256 delegators = share - share / 10;
        uint256 carols = bonding.pendingStake(carol, 0) - 200 * LPT;
        uint256 alices = bonding.pendingStake(alice, 0) - 1000 * LPT;
        vm.assertLe(delegators / 6 - carols, 1, "carol has a sixth of nine tenths");
        vm.assertLe(share - carols - alices, 2, "alice has the rest");
    }

    function test_works_once_per_round() public {
        rewardAs(alice);
        assertReverts(
            alice,
            address(bonding),
            abi.encodeCall(bonding.reward, ()),
            "caller has already called reward for the current round"
        );
        nextRound();
        rewardAs(alice);
    }

    function test_refuses_who_is_not_active() public {
        joinAs(dave, 5 * LPT);
        bytes memory data = abi.encodeCall(bonding.reward, ());
        assertReverts(dave, address(bonding), data, "caller must be an active transcoder");
        assertReverts(carol, address(bonding), data, "caller must be an active transcoder");
    }

    function test_a_transcoder_that_has_resigned_is_paid_until_the_round_ends() public {
        unbondAs(bob, 500 * LPT);
        rewardAs(bob);
        vm.assertEq(lastRewardRoundOf(bob), FIRST_ROUND + 1);
    }

    function test_the_treasury_gets_its_part() public {
        bonding.setTreasuryRewardCutRate(ONE / 10);
        nextRound();
        uint256 mintable = minter.currentMintableTokens();
        uint256 total = mintable * (500 * LPT * 1e9 / (1700 * LPT)) / 1e9;
        vm.expectEmit(address(bonding));
        emit IBondingManager.TreasuryReward(bob, treasury, total / 10);
        rewardAs(bob);
        vm.assertEq(token.balanceOf(treasury), total / 10);
        vm.assertEq(bonding.transcoderTotalStake(bob), 500 * LPT + total - total / 10);
    }

    function test_a_full_treasury_gets_nothing_from_the_next_round_on() public {
        bonding.setTreasuryRewardCutRate(ONE / 10);
        bonding.setTreasuryBalanceCeiling(1);
        nextRound();
        rewardAs(alice);
        uint256 first = token.balanceOf(treasury);
        vm.expectEmit(address(bonding));
        emit IManager.ParameterUpdate("nextRoundTreasuryRewardCutRate");
        rewardAs(bob);
        uint256 second = token.balanceOf(treasury);
        vm.assertGt(second, first, "this round's part is still paid");
        nextRound();
        vm.assertEq(bonding.treasuryRewardCutRate(), 0);
        rewardAs(alice);
        vm.assertEq(token.balanceOf(treasury), second);
    }

    function test_without_a_ceiling_the_treasurys_part_goes_on() public {
        bonding.setTreasuryRewardCutRate(ONE / 10);
        bonding.setTreasuryBalanceCeiling(0);
        nextRound();
        rewardAs(alice);
        vm.assertEq(bonding.nextRoundTreasuryRewardCutRate(), ONE / 10);
    }

    function test_what_the_transcoder_has_earned_itself_earns_like_stake() public {
        rewardAs(alice);
        (,,,,,,, uint256 own,,) = bonding.getTranscoder(alice);
        uint256 stake = bonding.transcoderTotalStake(alice);
        vm.assertGt(own, 0, "the reward cut of the first round");
        nextRound();
        rewardAs(alice);
        uint256 rewards = bonding.transcoderTotalStake(alice) - stake;
        uint256 cut = rewards / 10;
        (,,,,,, uint256 active, uint256 total,,) = bonding.getTranscoder(alice);
        vm.assertEq(active, own);
        vm.assertEq(total, own + cut + (rewards - cut) * (own * ONE / stake) / ONE);
    }

    function test_goes_on_if_own_earnings_are_all_the_stake() public {
        bytes32 cumulativeRewards = bytes32(uint256(keccak256(abi.encode(alice, 4))) + 8);
        vm.store(address(bonding), cumulativeRewards, bytes32(uint256(1200 * LPT)));
        rewardAs(alice);
    }

    // 2024-10 and version 12: own earnings above the stake would be paid from other people's money.
    function test_stops_if_own_earnings_ever_exceed_the_stake() public {
        bytes32 cumulativeRewards = bytes32(uint256(keccak256(abi.encode(alice, 4))) + 8);
        vm.store(address(bonding), cumulativeRewards, bytes32(uint256(1200 * LPT + 1)));
        (,,,,,,, uint256 rewards,,) = bonding.getTranscoder(alice);
        vm.assertEq(rewards, 1200 * LPT + 1);
        assertPanics(alice, address(bonding), abi.encodeCall(bonding.reward, ()), 0x01);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.reward, ());
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }
}
