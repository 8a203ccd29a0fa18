// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/IGovernorUpgradeable.sol";
import {GovernorCountingOverridable} from "../../src/governance/GovernorCountingOverridable.sol";
import {SignedVoteTest} from "../utils/SignedVoteTest.sol";

contract LivepeerGovernor_castVoteWithReasonAndParamsBySig_Test is SignedVoteTest {
    function test_votes_for_whoever_signed() public {
        uint256 id = startVoting(payment(erin, LPT));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), extendedBallot(id, AGAINST, "no", hex"01"));
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.VoteCastWithParams(alice, id, AGAINST, 1200 * LPT, "no", hex"01");
        vm.prank(stranger);
        uint256 weight = governor.castVoteWithReasonAndParamsBySig(id, AGAINST, "no", hex"01", v, r, s);
        vm.assertEq(weight, 1200 * LPT);
        assertVotes(id, 1200 * LPT, 0, 0);
    }

    function test_the_signature_covers_reason_and_parameters() public {
        uint256 id = startVoting(payment(erin, LPT));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), extendedBallot(id, FOR, "yes", hex"01"));
        vm.assertEq(governor.castVoteWithReasonAndParamsBySig(id, FOR, "no", hex"01", v, r, s), 0);
        vm.assertEq(governor.castVoteWithReasonAndParamsBySig(id, FOR, "yes", hex"02", v, r, s), 0);
        vm.assertFalse(governor.hasVoted(id, alice));
    }

    function test_a_signature_counts_once() public {
        uint256 id = startVoting(payment(erin, LPT));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf("alice"), extendedBallot(id, FOR, "yes", ""));
        governor.castVoteWithReasonAndParamsBySig(id, FOR, "yes", "", v, r, s);
        assertRevertsWith(
            stranger,
            address(governor),
            abi.encodeCall(governor.castVoteWithReasonAndParamsBySig, (id, FOR, "yes", "", v, r, s)),
            abi.encodeWithSelector(GovernorCountingOverridable.VoteAlreadyCast.selector)
        );
    }

    function test_refuses_what_is_no_signature() public {
        uint256 id = startVoting(payment(erin, LPT));
        bytes memory data =
            abi.encodeCall(governor.castVoteWithReasonAndParamsBySig, (id, FOR, "", "", 27, bytes32(0), bytes32(0)));
        assertReverts(stranger, address(governor), data, "ECDSA: invalid signature");
    }
}
