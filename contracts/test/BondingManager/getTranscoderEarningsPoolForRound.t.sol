// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getTranscoderEarningsPoolForRound_Test is ProtocolTest {
    function test_gives_the_record_of_the_round() public {
        startWithTranscoders();
        rewardAs(alice);
        (uint256 stake, uint256 cut, uint256 share, uint256 rewardFactor, uint256 feeFactor) =
            bonding.getTranscoderEarningsPoolForRound(alice, FIRST_ROUND + 1);
        vm.assertEq(stake, 1200 * LPT);
        vm.assertEq(cut, 100_000);
        vm.assertEq(share, 500_000);
        vm.assertGt(rewardFactor, ONE, "a reward raises the factor above one");
        vm.assertEq(feeFactor, 0);
        (stake,,, rewardFactor,) = bonding.getTranscoderEarningsPoolForRound(alice, FIRST_ROUND + 2);
        vm.assertEq(stake, bonding.transcoderTotalStake(alice));
        vm.assertEq(rewardFactor, 0);
    }

    function test_gives_the_fees_of_the_round() public {
        startWithTranscoders();
        vm.prank(address(broker));
        bonding.updateTranscoderWithFees(alice, 12 ether, FIRST_ROUND + 1);
        (,,,, uint256 feeFactor) = bonding.getTranscoderEarningsPoolForRound(alice, FIRST_ROUND + 1);
        // Half of it is alice's; the other half is shared by 1200 LPT.
        vm.assertEq(feeFactor, 6 ether * ONE / (1200 * LPT));
    }

    function test_keeps_the_stake_of_a_round_that_a_leaving_transcoder_still_serves() public {
        startWithTranscoders();
        bondAs(dave, 100 * LPT, bob);
        nextRound();
        uint256 round = nextRound();
        unbondAs(bob, 500 * LPT);
        (uint256 stake,,,,) = bonding.getTranscoderEarningsPoolForRound(bob, round);
        vm.assertEq(stake, 600 * LPT);
        unbondAs(dave, 60 * LPT);
        (stake,,,,) = bonding.getTranscoderEarningsPoolForRound(bob, round);
        vm.assertEq(stake, 600 * LPT);
        (stake,,,,) = bonding.getTranscoderEarningsPoolForRound(bob, round + 1);
        vm.assertEq(stake, 40 * LPT);
    }
}
