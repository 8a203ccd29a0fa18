// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

/// @title Faults of votes by stake that came up after the audit of 2023
contract Incidents_treasury_2023_Test is GovernanceTest {
    // 2023-10, P#633: votes were reckoned together with fees. Where the delegator had claimed in a round with fees
    // and its orchestrator's last reward was in one without, the difference of fee factors was negative and failed,
    // and the delegator could neither vote nor propose.
    function test_2023_10_votes_are_known_where_the_round_of_the_last_reward_has_no_fee_factor() public {
        fundSender(10 ether, 0);
        rewardAs(alice);
        redeem(newTicket(alice, 6 ether, 1));
        claimAs(carol);
        nextRound();
        rewardAs(alice);
        (,,, uint256 rewardFactor, uint256 feeFactor) =
            bonding.getTranscoderEarningsPoolForRound(alice, rounds.currentRound());
        vm.assertGt(rewardFactor, ONE, "the round has a reward factor");
        vm.assertEq(feeFactor, 0);

        uint256 stake = bonding.pendingStake(carol, 0);
        vm.assertEq(votes.getVotes(carol), stake);
        uint256 id = startVoting(payment(erin, LPT));
        vm.assertEq(voteAs(carol, id, AGAINST), stake);
    }
}
