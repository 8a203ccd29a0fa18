// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_pendingStake_Test is ProtocolTest {
    function test_includes_rewards_that_were_not_claimed() public {
        startWithTranscoders();
        vm.assertEq(bonding.pendingStake(carol, 0), 200 * LPT);
        rewardAs(alice);
        uint256 pending = bonding.pendingStake(carol, 0);
        vm.assertGt(pending, 200 * LPT, "the reward is missing");
        vm.assertEq(bondedAmountOf(carol), 200 * LPT);
        vm.assertEq(bonding.pendingStake(carol, 1), pending);
        claimAs(carol);
        vm.assertEq(bondedAmountOf(carol), pending);
    }

    function test_of_a_transcoder_includes_what_it_keeps() public {
        startWithTranscoders();
        rewardAs(bob);
        // Alone with its stake, bob has the whole reward but what is rounded away.
        vm.assertLe(bonding.transcoderTotalStake(bob) - bonding.pendingStake(bob, 0), 2, "bob has it all");
    }
}
