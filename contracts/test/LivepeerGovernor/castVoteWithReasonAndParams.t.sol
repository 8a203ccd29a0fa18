// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/IGovernorUpgradeable.sol";
import {GovernorCountingOverridable} from "../../src/governance/GovernorCountingOverridable.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_castVoteWithReasonAndParams_Test is GovernanceTest {
    function test_publishes_the_parameters_which_change_nothing() public {
        uint256 id = startVoting(payment(erin, LPT));
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.VoteCastWithParams(alice, id, FOR, 1200 * LPT, "yes", hex"01");
        vm.prank(alice);
        vm.assertEq(governor.castVoteWithReasonAndParams(id, FOR, "yes", hex"01"), 1200 * LPT);
        assertVotes(id, 0, 1200 * LPT, 0);
    }

    function test_without_parameters_is_a_plain_vote() public {
        uint256 id = startVoting(payment(erin, LPT));
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.VoteCast(alice, id, FOR, 1200 * LPT, "yes");
        vm.prank(alice);
        governor.castVoteWithReasonAndParams(id, FOR, "yes", "");
    }

    function test_a_second_vote_is_refused() public {
        uint256 id = startVoting(payment(erin, LPT));
        voteAs(alice, id, FOR);
        assertRevertsWith(
            alice,
            address(governor),
            abi.encodeCall(governor.castVoteWithReasonAndParams, (id, FOR, "", hex"01")),
            abi.encodeWithSelector(GovernorCountingOverridable.VoteAlreadyCast.selector)
        );
    }

    function test_needs_an_open_vote() public {
        uint256 id = proposeAs(alice, payment(erin, LPT));
        bytes memory data = abi.encodeCall(governor.castVoteWithReasonAndParams, (id, FOR, "", hex"01"));
        assertReverts(alice, address(governor), data, "Governor: vote not currently active");
    }
}
