// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/IGovernorUpgradeable.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_cancel_Test is GovernanceTest {
    function test_the_proposer_takes_its_proposal_back_before_voting_begins() public {
        Proposal memory p = payment(erin, LPT);
        uint256 id = proposeAs(alice, p);
        nextRound();
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.ProposalCanceled(id);
        vm.prank(alice);
        vm.assertEq(governor.cancel(p.targets, p.values, p.calldatas, hashOf(p)), id);
        vm.assertEq(stateOf(id), CANCELED);
        nextRound();
        bytes memory data = abi.encodeCall(governor.castVote, (id, FOR));
        assertReverts(alice, address(governor), data, "Governor: vote not currently active");
    }

    function test_is_too_late_once_one_can_vote() public {
        Proposal memory p = payment(erin, LPT);
        startVoting(p);
        assertReverts(alice, address(governor), cancelData(p), "Governor: too late to cancel");
    }

    function test_is_refused_the_second_time() public {
        Proposal memory p = payment(erin, LPT);
        proposeAs(alice, p);
        vm.prank(alice);
        governor.cancel(p.targets, p.values, p.calldatas, hashOf(p));
        assertReverts(alice, address(governor), cancelData(p), "Governor: too late to cancel");
    }

    function test_is_reserved_to_the_proposer() public {
        Proposal memory p = payment(erin, LPT);
        proposeAs(alice, p);
        assertReverts(bob, address(governor), cancelData(p), "Governor: only proposer can cancel");
        assertReverts(owner, address(governor), cancelData(p), "Governor: only proposer can cancel");
    }

    function test_refuses_an_unknown_proposal() public {
        bytes memory data = cancelData(payment(erin, LPT));
        assertReverts(alice, address(governor), data, "Governor: unknown proposal id");
    }
}
