// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_state_Test is GovernanceTest {
    uint256 private constant TOTAL = 1700 * LPT;

    /// @dev What becomes of a proposal when only dave and erin vote, with these stakes.
    function outcome(uint256 daveStake, uint256 erinStake, uint8 daveChoice, uint8 erinChoice) private returns (uint8) {
        if (daveStake > 0) bondAs(dave, daveStake, bob);
        if (erinStake > 0) bondAs(erin, erinStake, bob);
        uint256 id = startVoting(payment(stranger, LPT));
        if (daveStake > 0) voteAs(dave, id, daveChoice);
        if (erinStake > 0) voteAs(erin, id, erinChoice);
        endVoting();
        return stateOf(id);
    }

    function test_goes_from_pending_to_active_to_the_outcome() public {
        uint256 id = proposeAs(alice, payment(erin, LPT));
        vm.assertEq(stateOf(id), PENDING);
        nextRound();
        vm.assertEq(stateOf(id), PENDING);
        nextRound();
        vm.assertEq(stateOf(id), ACTIVE);
        skipRounds(VOTING_PERIOD - 1);
        vm.assertEq(stateOf(id), ACTIVE);
        nextRound();
        vm.assertEq(stateOf(id), DEFEATED);
    }

    function test_unknown_proposals_have_none() public {
        bytes memory data = abi.encodeCall(governor.state, (1));
        assertReverts(owner, address(governor), data, "Governor: unknown proposal id");
    }

    function test_without_any_vote_a_proposal_is_defeated_by_the_quorum() public {
        vm.assertEq(outcome(0, 0, FOR, FOR), DEFEATED);
    }

    /// @dev The stake which, added to that of the others, is just the quorum.
    function quorumStake() private pure returns (uint256 stake) {
        stake = (TOTAL * QUORUM) / (1_000_000 - QUORUM);
        while (((TOTAL + stake) * QUORUM) / 1_000_000 > stake) stake++;
    }

    function test_the_quorum_is_reached_with_equality() public {
        uint256 stake = quorumStake();
        vm.assertEq(((TOTAL + stake) * QUORUM) / 1_000_000, stake, "the stake is the quorum itself");
        vm.assertEq(outcome(stake, 0, FOR, FOR), SUCCEEDED);
    }

    function test_the_quorum_is_missed_by_one_unit() public {
        vm.assertEq(outcome(quorumStake() - 1, 0, FOR, FOR), DEFEATED);
    }

    function test_abstentions_and_votes_against_count_towards_the_quorum() public {
        vm.assertEq(outcome(1000 * LPT, 1, ABSTAIN, FOR), SUCCEEDED);
    }

    function test_abstentions_alone_let_a_proposal_pass() public {
        vm.assertEq(outcome(1000 * LPT, 0, ABSTAIN, ABSTAIN), SUCCEEDED);
    }

    function test_as_many_votes_for_as_against_are_enough() public {
        vm.assertEq(outcome(1000 * LPT, 1000 * LPT, FOR, AGAINST), SUCCEEDED);
    }

    // The quota is rounded down: of an odd number of votes, half less half a unit is enough.
    function test_one_vote_less_than_half_of_an_odd_number_is_enough() public {
        vm.assertEq(outcome(1000 * LPT, 1000 * LPT + 1, FOR, AGAINST), SUCCEEDED);
    }

    function test_two_units_less_for_than_against_are_not_enough() public {
        vm.assertEq(outcome(1000 * LPT, 1000 * LPT + 2, FOR, AGAINST), DEFEATED);
    }

    function test_a_proposal_whose_operation_was_cancelled_in_the_treasury_is_cancelled() public {
        Proposal memory p = payment(erin, LPT);
        uint256 id = pass(p);
        queue(p);
        bytes32 operation = timelock.hashOperationBatch(p.targets, p.values, p.calldatas, 0, hashOf(p));
        vm.prank(address(governor));
        timelock.cancel(operation);
        vm.assertEq(stateOf(id), CANCELED);
        assertReverts(stranger, address(governor), executeData(p), "Governor: proposal not successful");
    }

    function test_a_proposal_executed_at_the_treasury_by_another_executor_is_executed() public {
        Proposal memory grant =
            single(address(timelock), abi.encodeCall(timelock.grantRole, (timelock.EXECUTOR_ROLE(), stranger)));
        carryOut(grant);
        Proposal memory p = payment(erin, LPT);
        uint256 id = pass(p);
        queue(p);
        vm.prank(stranger);
        timelock.executeBatch(p.targets, p.values, p.calldatas, 0, hashOf(p));
        vm.assertEq(stateOf(id), EXECUTED);
    }
}
