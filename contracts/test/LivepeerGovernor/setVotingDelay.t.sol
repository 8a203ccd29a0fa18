// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_setVotingDelay_Test is GovernanceTest {
    event VotingDelaySet(uint256 oldVotingDelay, uint256 newVotingDelay);

    function test_a_proposal_changes_it() public {
        Proposal memory p = single(address(governor), abi.encodeCall(governor.setVotingDelay, (0)));
        pass(p);
        queue(p);
        vm.expectEmit(address(governor));
        emit VotingDelaySet(1, 0);
        execute(p);
        uint256 id = proposeAs(alice, payment(erin, LPT));
        vm.assertEq(governor.proposalSnapshot(id), rounds.currentRound());
        nextRound();
        voteAs(alice, id, FOR);
    }

    function test_nobody_else_can() public {
        assertNeedsProposal(abi.encodeCall(governor.setVotingDelay, (0)));
    }
}
