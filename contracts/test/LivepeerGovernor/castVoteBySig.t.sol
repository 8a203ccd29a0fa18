// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/IGovernorUpgradeable.sol";
import {GovernorCountingOverridable} from "../../src/governance/GovernorCountingOverridable.sol";
import {SignedVoteTest} from "../utils/SignedVoteTest.sol";

contract LivepeerGovernor_castVoteBySig_Test is SignedVoteTest {
    function test_votes_for_whoever_signed() public {
        uint256 id = startVoting(payment(erin, LPT));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), ballot(id, FOR));
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.VoteCast(alice, id, FOR, 1200 * LPT, "");
        vm.prank(stranger);
        vm.assertEq(governor.castVoteBySig(id, FOR, v, r, s), 1200 * LPT);
        vm.assertTrue(governor.hasVoted(id, alice));
        vm.assertFalse(governor.hasVoted(id, stranger));
    }

    function test_a_signature_counts_once() public {
        uint256 id = startVoting(payment(erin, LPT));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), ballot(id, FOR));
        governor.castVoteBySig(id, FOR, v, r, s);
        assertRevertsWith(
            stranger,
            address(governor),
            abi.encodeCall(governor.castVoteBySig, (id, FOR, v, r, s)),
            abi.encodeWithSelector(GovernorCountingOverridable.VoteAlreadyCast.selector)
        );
    }

    function test_a_signature_over_another_choice_is_somebody_elses() public {
        uint256 id = startVoting(payment(erin, LPT));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), ballot(id, FOR));
        vm.assertEq(governor.castVoteBySig(id, AGAINST, v, r, s), 0);
        vm.assertFalse(governor.hasVoted(id, alice));
        assertVotes(id, 0, 0, 0);
    }

    function test_refuses_what_is_no_signature() public {
        uint256 id = startVoting(payment(erin, LPT));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), ballot(id, FOR));
        bytes memory data = abi.encodeCall(governor.castVoteBySig, (id, FOR, v, r, 0));
        assertReverts(stranger, address(governor), data, "ECDSA: invalid signature");
        data = abi.encodeCall(governor.castVoteBySig, (id, FOR, v, r, bytes32(CURVE_ORDER - uint256(s))));
        assertReverts(stranger, address(governor), data, "ECDSA: invalid signature 's' value");
    }

    function test_needs_an_open_vote() public {
        uint256 id = proposeAs(alice, payment(erin, LPT));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), ballot(id, FOR));
        bytes memory data = abi.encodeCall(governor.castVoteBySig, (id, FOR, v, r, s));
        assertReverts(stranger, address(governor), data, "Governor: vote not currently active");
    }
}
