// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    IGovernorTimelockUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/IGovernorTimelockUpgradeable.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_queue_Test is GovernanceTest {
    function test_schedules_what_was_decided_with_the_treasury() public {
        Proposal memory p = payment(erin, LPT);
        uint256 id = pass(p);
        vm.assertEq(stateOf(id), SUCCEEDED);
        vm.warp(1_700_000_000);
        vm.expectEmit(address(governor));
        emit IGovernorTimelockUpgradeable.ProposalQueued(id, 1_700_000_000);
        vm.prank(stranger);
        vm.assertEq(governor.queue(p.targets, p.values, p.calldatas, hashOf(p)), id);
        vm.assertEq(stateOf(id), QUEUED);
        vm.assertEq(governor.proposalEta(id), 1_700_000_000);
        bytes32 operation = timelock.hashOperationBatch(p.targets, p.values, p.calldatas, 0, hashOf(p));
        vm.assertTrue(timelock.isOperationReady(operation));
    }

    function test_waits_for_the_end_of_the_vote() public {
        Proposal memory p = payment(erin, LPT);
        uint256 id = proposeAs(alice, p);
        assertReverts(stranger, address(governor), queueData(p), "Governor: proposal not successful");
        skipRounds(2);
        voteAs(alice, id, FOR);
        voteAs(bob, id, FOR);
        skipRounds(VOTING_PERIOD - 1);
        assertReverts(stranger, address(governor), queueData(p), "Governor: proposal not successful");
        nextRound();
        queue(p);
    }

    function test_is_refused_the_second_time() public {
        Proposal memory p = payment(erin, LPT);
        pass(p);
        queue(p);
        assertReverts(stranger, address(governor), queueData(p), "Governor: proposal not successful");
    }

    function test_refuses_what_was_voted_down() public {
        Proposal memory p = payment(erin, LPT);
        uint256 id = startVoting(p);
        voteAs(alice, id, AGAINST);
        endVoting();
        vm.assertEq(stateOf(id), DEFEATED);
        assertReverts(stranger, address(governor), queueData(p), "Governor: proposal not successful");
    }

    function test_refuses_an_unknown_proposal() public {
        bytes memory data = queueData(payment(erin, LPT));
        assertReverts(stranger, address(governor), data, "Governor: unknown proposal id");
    }
}
