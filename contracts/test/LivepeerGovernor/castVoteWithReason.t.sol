// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/IGovernorUpgradeable.sol";
import {GovernorCountingOverridable} from "../../src/governance/GovernorCountingOverridable.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_castVoteWithReason_Test is GovernanceTest {
    function test_publishes_the_reason() public {
        uint256 id = startVoting(payment(erin, LPT));
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.VoteCast(alice, id, AGAINST, 1200 * LPT, "too little");
        vm.prank(alice);
        vm.assertEq(governor.castVoteWithReason(id, AGAINST, "too little"), 1200 * LPT);
        assertVotes(id, 1200 * LPT, 0, 0);
    }

    function test_a_second_vote_is_refused() public {
        uint256 id = startVoting(payment(erin, LPT));
        voteAs(alice, id, FOR);
        assertRevertsWith(
            alice,
            address(governor),
            abi.encodeCall(governor.castVoteWithReason, (id, AGAINST, "but")),
            abi.encodeWithSelector(GovernorCountingOverridable.VoteAlreadyCast.selector)
        );
    }

    function test_refuses_a_choice_that_does_not_exist() public {
        uint256 id = startVoting(payment(erin, LPT));
        assertRevertsWith(
            alice,
            address(governor),
            abi.encodeCall(governor.castVoteWithReason, (id, 255, "")),
            abi.encodeWithSelector(GovernorCountingOverridable.InvalidVoteType.selector, 255)
        );
    }

    function test_needs_an_open_vote() public {
        uint256 id = proposeAs(alice, payment(erin, LPT));
        bytes memory data = abi.encodeCall(governor.castVoteWithReason, (id, FOR, ""));
        assertReverts(alice, address(governor), data, "Governor: vote not currently active");
    }
}
