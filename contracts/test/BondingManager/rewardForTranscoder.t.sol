// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_rewardForTranscoder_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
        vm.prank(alice);
        bonding.setRewardCaller(dave);
    }

    function test_everything_is_booked_on_the_transcoder() public {
        vm.prank(dave);
        bonding.rewardForTranscoder(alice);
        vm.assertEq(lastRewardRoundOf(alice), FIRST_ROUND + 1);
        vm.assertGt(bonding.transcoderTotalStake(alice), 1200 * LPT, "alice has the reward");
        vm.assertEq(votes.getVotes(alice), bonding.transcoderTotalStake(alice));
        vm.assertEq(bonding.transcoderTotalStake(dave), 0);
        vm.assertEq(lastRewardRoundOf(dave), 0);
    }

    function test_refuses_everybody_else() public {
        bytes memory data = abi.encodeCall(bonding.rewardForTranscoder, (alice));
        assertReverts(stranger, address(bonding), data, "caller must be reward caller of transcoder");
        assertReverts(alice, address(bonding), data, "caller must be reward caller of transcoder");
    }

    function test_follows_the_rules_of_reward() public {
        bytes memory data = abi.encodeCall(bonding.rewardForTranscoder, (alice));
        assertNeedsRunningSystem(dave, address(bonding), data);
        rewardAs(alice);
        assertReverts(dave, address(bonding), data, "caller has already called reward for the current round");
        assertNeedsInitializedRound(dave, address(bonding), data);
    }

    function test_a_reward_caller_of_an_inactive_transcoder_cannot_mint() public {
        vm.prank(stranger);
        bonding.setRewardCaller(dave);
        assertReverts(
            dave,
            address(bonding),
            abi.encodeCall(bonding.rewardForTranscoder, (stranger)),
            "caller must be an active transcoder"
        );
    }
}
