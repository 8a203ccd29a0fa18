// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_setVotingPeriod_Test is GovernanceTest {
    event VotingPeriodSet(uint256 oldVotingPeriod, uint256 newVotingPeriod);

    function test_a_proposal_changes_it_for_later_ones() public {
        uint256 earlier = proposeAs(alice, payment(erin, LPT));
        uint256 deadline = governor.proposalDeadline(earlier);
        Proposal memory p = single(address(governor), abi.encodeCall(governor.setVotingPeriod, (1)));
        pass(p);
        queue(p);
        vm.expectEmit(address(governor));
        emit VotingPeriodSet(10, 1);
        execute(p);
        vm.assertEq(governor.proposalDeadline(earlier), deadline);
        uint256 later = proposeAs(alice, payment(erin, 2));
        vm.assertEq(governor.proposalDeadline(later), rounds.currentRound() + 2);
    }

    function test_cannot_be_nothing() public {
        Proposal memory p = single(address(governor), abi.encodeCall(governor.setVotingPeriod, (0)));
        pass(p);
        queue(p);
        string memory reason = "TimelockController: underlying transaction reverted";
        assertReverts(owner, address(governor), executeData(p), reason);
    }

    function test_nobody_else_can() public {
        assertNeedsProposal(abi.encodeCall(governor.setVotingPeriod, (1)));
    }
}
