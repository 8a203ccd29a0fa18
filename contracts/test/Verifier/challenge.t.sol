// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashing} from "../../src/bonding/ISlashing.sol";
import {IVerifier} from "../../src/verification/IVerifier.sol";
import {DisputeTest} from "../utils/DisputeTest.sol";

contract Verifier_challenge_Test is DisputeTest {
    IVerifier.SegmentCommitment private commitment;

    function setUp() public override {
        super.setUp();
        commitment = newCommitment();
    }

    function assertRefused(bytes memory data, bytes memory reason) private {
        assertRevertsWith(dave, address(disputes), data, reason);
    }

    function assertAccepted() private {
        bytes memory data = challengeData(commitment);
        vm.prank(dave);
        (bool ok,) = address(disputes).call(data);
        vm.assertTrue(ok, "the challenge should be accepted");
    }

    function test_takes_the_bond_freezes_the_accused_and_tells_what_the_evidence_must_hash_to() public {
        announceAs(dave, commitment);
        bytes32 digest = disputes.commitmentDigest(commitment);
        bytes memory signature = signCommitment("alice", commitment);
        vm.expectEmit(address(disputes));
        emit IVerifier.Challenged(
            1,
            alice,
            dave,
            digest,
            commitment.sourceHash,
            commitment.profilesHash,
            commitment.renditionsHash,
            rounds.blockNum() + 5
        );
        vm.expectEmit(address(bonding));
        emit ISlashing.StakeFrozen(alice, rounds.currentRound());
        vm.prank(dave);
        uint256 id = disputes.challenge(commitment, signature, keccak256(abi.encode(SECRET)), SALT);

        vm.assertEq(id, 1);
        vm.assertEq(disputes.disputeCount(), 1);
        vm.assertEq(token.balanceOf(address(disputes)), 12 * LPT);
        vm.assertEq(slashing.stakeFrozenSince(alice), rounds.currentRound());
        IVerifier.Dispute memory dispute = disputes.getDispute(1);
        vm.assertEq(dispute.eligibleStake, (510 + JURORS * 1000) * LPT);
        vm.assertEq(dispute.commitment, digest);
        assertOutcome(1, IVerifier.Outcome.Open);
    }

    function test_leaves_out_the_challengers_stake_where_it_is_an_orchestrator() public {
        address juror = jurors[1];
        announceAs(juror, commitment);
        vm.prank(juror);
        token.approve(address(disputes), NEVER);
        bytes memory data = challengeData(commitment);
        vm.prank(juror);
        (bool ok,) = address(disputes).call(data);
        vm.assertTrue(ok);
        vm.assertEq(disputes.getDispute(1).eligibleStake, (510 + (JURORS - 1) * 1000) * LPT);
    }

    // Front-running: who copies a challenge it has seen has no announcement for it.
    function test_needs_an_announcement_by_the_same_challenger_in_an_earlier_block() public {
        bytes32 digest = disputes.commitmentDigest(commitment);
        bytes32 announcement = keccak256(abi.encode(dave, digest, keccak256(abi.encode(SECRET)), SALT));
        bytes memory refusal = abi.encodeWithSelector(IVerifier.NotAnnounced.selector, announcement);
        assertRefused(challengeData(commitment), refusal);
        disputes.announce(announcement);
        assertRefused(challengeData(commitment), refusal);

        rounds.mineBlocks(1);
        bytes32 other = keccak256(abi.encode(stranger, digest, keccak256(abi.encode(SECRET)), SALT));
        assertRevertsWith(
            stranger,
            address(disputes),
            challengeData(commitment),
            abi.encodeWithSelector(IVerifier.NotAnnounced.selector, other)
        );
        assertAccepted();
        assertRefused(challengeData(commitment), refusal);
    }

    function test_an_announcement_is_made_once() public {
        bytes32 announcement = keccak256("anything");
        disputes.announce(announcement);
        assertRevertsWith(
            dave,
            address(disputes),
            abi.encodeCall(disputes.announce, (announcement)),
            abi.encodeWithSelector(IVerifier.AlreadyAnnounced.selector, announcement)
        );
    }

    function test_needs_the_signature_of_the_accused_over_every_field() public {
        bytes memory signature = signCommitment("alice", commitment);
        for (uint256 field = 0; field < 10; field++) {
            IVerifier.SegmentCommitment memory forged = newCommitment();
            if (field == 0) forged.sender = stranger;
            else if (field == 1) forged.recipient = bob;
            else if (field == 2) forged.manifestId = "another stream";
            else if (field == 3) forged.seq++;
            else if (field == 4) forged.sourceHash = keccak256("other");
            else if (field == 5) forged.profilesHash = keccak256("other");
            else if (field == 6) forged.renditionsHash = keccak256("other");
            else if (field == 7) forged.pixels++;
            else if (field == 8) forged.sessionId = "another session";
            else forged.round--;
            announceAs(dave, forged);
            bytes memory data =
                abi.encodeCall(disputes.challenge, (forged, signature, keccak256(abi.encode(SECRET)), SALT));
            assertRefused(data, abi.encodeWithSelector(IVerifier.InvalidSignature.selector));
        }
    }

    function test_refuses_signatures_of_another_form() public {
        announceAs(dave, commitment);
        bytes memory data = abi.encodeCall(disputes.challenge, (commitment, "", keccak256(abi.encode(SECRET)), SALT));
        assertRefused(data, abi.encodeWithSelector(IVerifier.InvalidSignature.selector));
    }

    function test_needs_a_commitment_of_the_last_rounds() public {
        uint256 round = rounds.currentRound();
        uint256[2] memory bad = [round + 1, round - 2];
        for (uint256 i = 0; i < 2; i++) {
            commitment.round = bad[i];
            announceAs(dave, commitment);
            assertRefused(
                challengeData(commitment),
                abi.encodeWithSelector(IVerifier.OutsideDisputeWindow.selector, bad[i], round)
            );
        }
        commitment.round = round - 1;
        announceAs(dave, commitment);
        assertAccepted();
    }

    function test_needs_a_challenger_with_stake_who_is_not_the_accused() public {
        announceAs(stranger, commitment);
        assertRevertsWith(
            stranger,
            address(disputes),
            challengeData(commitment),
            abi.encodeWithSelector(IVerifier.NotBonded.selector, stranger)
        );
        announceAs(alice, commitment);
        assertRevertsWith(
            alice,
            address(disputes),
            challengeData(commitment),
            abi.encodeWithSelector(IVerifier.InvalidCaller.selector, alice)
        );
    }

    function test_needs_the_bond() public {
        announceAs(dave, commitment);
        vm.prank(dave);
        token.approve(address(disputes), 12 * LPT - 1);
        assertReverts(dave, address(disputes), challengeData(commitment), "ERC20: insufficient allowance");
    }

    function test_needs_enough_orchestrators_to_judge() public {
        IVerifier.Parameters memory changed = parameters();
        changed.minimumJurors = uint32(JURORS) + 2;
        disputes.setParameters(changed);
        announceAs(dave, commitment);
        assertRefused(
            challengeData(commitment), abi.encodeWithSelector(IVerifier.TooFewJurors.selector, JURORS + 1, JURORS + 2)
        );
    }

    function test_needs_stake_that_was_there_when_the_round_began() public {
        for (uint256 i = 0; i < jurors.length; i++) {
            unbondAs(jurors[i], bondedAmountOf(jurors[i]));
        }
        nextRound();
        for (uint256 i = 0; i < jurors.length; i++) {
            vm.prank(jurors[i]);
            bonding.rebondFromUnbonded(jurors[i], 0);
        }
        // dave's delegate is gone and back, so dave is bonded as before.
        commitment = newCommitment();
        announceAs(dave, commitment);
        assertRefused(challengeData(commitment), abi.encodeWithSelector(IVerifier.TooFewJurors.selector, 0, 3));
    }

    function test_needs_to_be_registered() public {
        announceAs(dave, commitment);
        register("Verifier", verifier);
        assertRefused(challengeData(commitment), abi.encodeWithSelector(IVerifier.NotRegistered.selector));
    }

    function test_needs_parameters() public {
        disputes = IVerifier(deployBehindProxy("Verifier", "Verifier"));
        announceAs(dave, commitment);
        assertRefused(
            challengeData(commitment), abi.encodeWithSelector(IVerifier.InvalidParameter.selector, "seats")
        );
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        announceAs(dave, commitment);
        bytes memory data = challengeData(commitment);
        assertNeedsRunningSystem(dave, address(disputes), data);
        assertNeedsInitializedRound(dave, address(disputes), data);
    }

    function test_a_commitment_is_decided_once() public {
        disputeWithVerdict(IVerifier.Vote.Honest);
        bytes32 digest = disputes.commitmentDigest(commitment);
        bytes32 secretHash = keccak256("another secret");
        disputes.announce(keccak256(abi.encode(dave, digest, secretHash, SALT)));
        rounds.mineBlocks(1);
        bytes memory data =
            abi.encodeCall(disputes.challenge, (commitment, signCommitment("alice", commitment), secretHash, SALT));
        assertRefused(data, abi.encodeWithSelector(IVerifier.AlreadyDecided.selector, digest));
    }
}
