// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getTranscoder_Test is ProtocolTest {
    function test_gives_terms_and_rounds() public {
        startWithTranscoders();
        rewardAs(alice);
        (
            uint256 lastRewardRound,
            uint256 rewardCut,
            uint256 feeShare,
            uint256 lastActiveStakeUpdateRound,
            uint256 activationRound,
            uint256 deactivationRound,
            uint256 activeCumulativeRewards,
            uint256 cumulativeRewards,
            uint256 cumulativeFees,
            uint256 lastFeeRound
        ) = bonding.getTranscoder(alice);
        vm.assertEq(lastRewardRound, FIRST_ROUND + 1);
        vm.assertEq(rewardCut, 100_000);
        vm.assertEq(feeShare, 500_000);
        vm.assertEq(lastActiveStakeUpdateRound, FIRST_ROUND + 2);
        vm.assertEq(activationRound, FIRST_ROUND + 1);
        vm.assertEq(deactivationRound, NEVER);
        vm.assertEq(activeCumulativeRewards, 0);
        vm.assertEq(cumulativeRewards, (bonding.transcoderTotalStake(alice) - 1200 * LPT) / 10);
        vm.assertEq(cumulativeFees, 0);
        vm.assertEq(lastFeeRound, 0);
    }
}
