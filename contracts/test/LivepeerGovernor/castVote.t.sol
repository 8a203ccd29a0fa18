// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/IGovernorUpgradeable.sol";
import {GovernorCountingOverridable} from "../../src/governance/GovernorCountingOverridable.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_castVote_Test is GovernanceTest {
    function test_counts_all_stake_bonded_to_a_transcoder() public {
        uint256 id = startVoting(payment(erin, LPT));
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.VoteCast(alice, id, FOR, 1200 * LPT, "");
        vm.assertEq(voteAs(alice, id, FOR), 1200 * LPT);
        vm.assertTrue(governor.hasVoted(id, alice));
        vm.assertFalse(governor.hasVoted(id, bob));
        voteAs(bob, id, AGAINST);
        assertVotes(id, 500 * LPT, 1200 * LPT, 0);
    }

    function test_can_abstain() public {
        uint256 id = startVoting(payment(erin, LPT));
        voteAs(bob, id, ABSTAIN);
        assertVotes(id, 0, 0, 500 * LPT);
    }

    function test_a_second_vote_is_refused() public {
        uint256 id = startVoting(payment(erin, LPT));
        voteAs(alice, id, FOR);
        bytes memory revertData = abi.encodeWithSelector(GovernorCountingOverridable.VoteAlreadyCast.selector);
        assertRevertsWith(alice, address(governor), abi.encodeCall(governor.castVote, (id, FOR)), revertData);
        assertRevertsWith(alice, address(governor), abi.encodeCall(governor.castVote, (id, AGAINST)), revertData);
    }

    function test_refuses_a_choice_that_does_not_exist() public {
        uint256 id = startVoting(payment(erin, LPT));
        assertRevertsWith(
            alice,
            address(governor),
            abi.encodeCall(governor.castVote, (id, 3)),
            abi.encodeWithSelector(GovernorCountingOverridable.InvalidVoteType.selector, 3)
        );
    }

    function test_begins_in_the_round_after_the_snapshot_and_ends_with_the_deadline() public {
        uint256 id = proposeAs(alice, payment(erin, LPT));
        bytes memory data = abi.encodeCall(governor.castVote, (id, FOR));
        assertReverts(alice, address(governor), data, "Governor: vote not currently active");
        nextRound();
        assertReverts(alice, address(governor), data, "Governor: vote not currently active");
        nextRound();
        vm.assertEq(stateOf(id), ACTIVE);
        voteAs(alice, id, FOR);
        skipRounds(VOTING_PERIOD - 1);
        vm.assertEq(rounds.currentRound(), governor.proposalDeadline(id));
        voteAs(bob, id, FOR);
        nextRound();
        assertReverts(carol, address(governor), data, "Governor: vote not currently active");
    }

    function test_refuses_an_unknown_proposal() public {
        bytes memory data = abi.encodeCall(governor.castVote, (1, FOR));
        assertReverts(alice, address(governor), data, "Governor: unknown proposal id");
    }

    function test_an_account_without_stake_votes_with_nothing() public {
        uint256 id = startVoting(payment(erin, LPT));
        vm.assertEq(voteAs(stranger, id, FOR), 0);
        assertVotes(id, 0, 0, 0);
        vm.assertTrue(governor.hasVoted(id, stranger));
    }

    function test_stake_counts_as_it_was_at_the_snapshot() public {
        uint256 id = startVoting(payment(erin, LPT));
        bondAs(bob, 9_000 * LPT, bob);
        unbondAs(carol, 100 * LPT);
        nextRound();
        vm.assertEq(voteAs(bob, id, FOR), 500 * LPT);
        vm.assertEq(voteAs(carol, id, FOR), 200 * LPT);
    }

    function test_rewards_called_until_the_snapshot_count() public {
        uint256 id = proposeAs(alice, payment(erin, LPT));
        nextRound();
        rewardAs(alice);
        uint256 stake = bonding.transcoderTotalStake(alice);
        vm.assertGt(stake, 1200 * LPT, "the reward");
        nextRound();
        rewardAs(alice);
        vm.assertEq(voteAs(alice, id, FOR), stake);
    }

    function test_works_while_the_system_is_paused() public {
        uint256 id = startVoting(payment(erin, LPT));
        controller.pause();
        voteAs(alice, id, FOR);
    }
}
