// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {IVerifier} from "../../src/verification/IVerifier.sol";
import {DisputeTest} from "../utils/DisputeTest.sol";

contract Verifier_settle_Test is DisputeTest {
    function settleData(uint256 id) private view returns (bytes memory) {
        return abi.encodeCall(disputes.settle, (id));
    }

    function test_a_liar_is_slashed_and_the_challenger_gets_bond_and_reward() public {
        uint256 id = openWithCommittee();
        voteAll(id, IVerifier.Vote.Lie, 0, IVerifier.Vote.Lie);
        uint256 seats = disputes.getDispute(id).lieSeats;
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(alice, address(disputes), 200 * LPT, 20 * LPT);
        vm.expectEmit(address(disputes));
        emit IVerifier.DisputeEnded(id, IVerifier.Outcome.Lie);
        disputes.settle(id);

        assertOutcome(id, IVerifier.Outcome.Lie);
        vm.assertEq(bondedAmountOf(alice), 800 * LPT);
        vm.assertEq(disputes.balanceOf(dave), (12 + 20) * LPT - seats * LPT / 10);
        vm.assertEq(token.balanceOf(treasury), 180 * LPT, "what the minter may not burn");
        vm.assertEq(slashing.stakeFrozenSince(alice), 0);
        vm.assertEq(uint256(disputes.decisionOn(disputes.getDispute(id).commitment)), uint256(IVerifier.Outcome.Lie));
        assertRevertsWith(
            stranger, address(disputes), settleData(id), abi.encodeWithSelector(IVerifier.NotOpen.selector, id)
        );
    }

    function test_a_false_challenge_costs_the_bond() public {
        uint256 id = disputeWithVerdict(IVerifier.Vote.Honest);
        assertOutcome(id, IVerifier.Outcome.Honest);
        uint256 fees = disputes.getDispute(id).honestSeats * LPT / 10;
        vm.assertEq(bondedAmountOf(alice), 1000 * LPT);
        vm.assertEq(disputes.balanceOf(alice), LPT);
        vm.assertEq(disputes.balanceOf(dave), 0);
        vm.assertEq(token.balanceOf(treasury), 11 * LPT - fees);
    }

    // Withholding: who does not hand out the evidence loses, and the commitment can be challenged again.
    function test_a_challenge_without_evidence_costs_the_bond_and_decides_nothing() public {
        uint256 id = disputeWithVerdict(IVerifier.Vote.Unavailable);
        assertOutcome(id, IVerifier.Outcome.Unavailable);
        vm.assertEq(disputes.balanceOf(dave), 0);
        vm.assertEq(token.balanceOf(treasury), 11 * LPT);
        vm.assertEq(uint256(disputes.decisionOn(disputes.getDispute(id).commitment)), uint256(IVerifier.Outcome.Open));
    }

    function test_jurors_who_found_nothing_wrong_count_against_a_challenger_who_hid_evidence_from_others() public {
        uint256 id = openWithCommittee();
        voteAll(id, IVerifier.Vote.Honest, 3, IVerifier.Vote.Unavailable);
        disputes.settle(id);
        assertOutcome(id, IVerifier.Outcome.Unavailable);
    }

    function test_without_enough_seats_on_a_side_the_challenger_only_pays_the_jurors() public {
        uint256 id = openWithCommittee();
        voteAll(id, IVerifier.Vote.Lie, 3, IVerifier.Vote.Honest);
        disputes.settle(id);
        assertOutcome(id, IVerifier.Outcome.Hung);
        IVerifier.Dispute memory dispute = disputes.getDispute(id);
        vm.assertEq(disputes.balanceOf(dave), 12 * LPT - (dispute.lieSeats + dispute.honestSeats) * LPT / 10);
        vm.assertEq(bondedAmountOf(alice), 1000 * LPT);
        vm.assertEq(token.balanceOf(treasury), 0);
    }

    function test_nobody_voting_leaves_the_accused_alone() public {
        uint256 id = openWithCommittee();
        mineTo(disputes.getDispute(id).revealDeadline + 1);
        disputes.settle(id);
        assertOutcome(id, IVerifier.Outcome.Hung);
        vm.assertEq(disputes.balanceOf(dave), 12 * LPT);
    }

    function test_the_threshold_must_be_exceeded_not_met() public {
        IVerifier.Parameters memory changed = parameters();
        (changed.seats, changed.challengeBond) = (10, 12 * LPT);
        disputes.setParameters(changed);
        uint256 id = openWithCommittee();
        // Field 10 of the dispute in slot 5 counts the seats for a lie.
        bytes32 slot = bytes32(uint256(keccak256(abi.encode(id, uint256(5)))) + 10);
        mineTo(disputes.getDispute(id).revealDeadline + 1);
        vm.store(address(disputes), slot, bytes32(uint256(6)));
        vm.assertEq(disputes.getDispute(id).lieSeats, 6);
        disputes.settle(id);
        assertOutcome(id, IVerifier.Outcome.Hung);

        nextRound();
        IVerifier.SegmentCommitment memory next = newCommitment();
        announceAs(dave, next);
        bytes memory data = challengeData(next);
        vm.prank(dave);
        (bool ok,) = address(disputes).call(data);
        vm.assertTrue(ok);
        drawCommittee(2);
        mineTo(disputes.getDispute(2).revealDeadline + 1);
        vm.store(
            address(disputes), bytes32(uint256(keccak256(abi.encode(uint256(2), uint256(5)))) + 10), bytes32(uint256(7))
        );
        disputes.settle(2);
        assertOutcome(2, IVerifier.Outcome.Lie);
    }

    function test_comes_after_the_last_vote() public {
        uint256 id = openDispute();
        assertRevertsWith(stranger, address(disputes), settleData(id), stepError(NEVER, NEVER));
        drawCommittee(id);
        uint256 deadline = disputes.getDispute(id).revealDeadline;
        mineTo(deadline);
        assertRevertsWith(stranger, address(disputes), settleData(id), stepError(deadline + 1, NEVER));
    }

    function test_waits_while_the_system_is_paused() public {
        uint256 id = openWithCommittee();
        voteAll(id, IVerifier.Vote.Lie, 0, IVerifier.Vote.Lie);
        controller.pause();
        assertReverts(stranger, address(disputes), settleData(id), "system is paused");
        controller.unpause();
        disputes.settle(id);
        assertOutcome(id, IVerifier.Outcome.Lie);
    }

    // Front-running by the liar: its own challenge, to be lost on purpose, does not stand in the way of another's.
    function test_disputes_about_the_same_commitment_run_beside_each_other() public {
        uint256 first = openDispute();
        address other = jurors[1];
        vm.prank(other);
        token.approve(address(disputes), NEVER);
        IVerifier.SegmentCommitment memory commitment = newCommitment();
        announceAs(other, commitment);
        bytes memory data = challengeData(commitment);
        vm.prank(other);
        (bool ok,) = address(disputes).call(data);
        vm.assertTrue(ok);
        vm.assertEq(disputes.disputeCount(), 2);

        answerAs(alice, first);
        answerAs(alice, 2);
        mineTo(disputes.getDispute(2).answerDeadline + 2);
        disputes.draw(first, SECRET);
        disputes.draw(2, SECRET);
        for (uint256 i = 0; i < jurors.length; i++) {
            commitAs(jurors[i], first, IVerifier.Vote.Lie);
            if (jurors[i] != other) commitAs(jurors[i], 2, IVerifier.Vote.Lie);
        }
        mineTo(disputes.getDispute(2).commitDeadline + 1);
        for (uint256 i = 0; i < jurors.length; i++) {
            revealAs(jurors[i], first, IVerifier.Vote.Lie);
            if (jurors[i] != other) revealAs(jurors[i], 2, IVerifier.Vote.Lie);
        }
        mineTo(disputes.getDispute(2).revealDeadline + 1);
        disputes.settle(2);
        vm.assertEq(bondedAmountOf(alice), 800 * LPT);
        vm.assertEq(slashing.stakeFrozenSince(alice), rounds.currentRound(), "the other dispute goes on");

        disputes.settle(first);
        assertOutcome(first, IVerifier.Outcome.Moot);
        vm.assertEq(bondedAmountOf(alice), 800 * LPT, "a lie is slashed once");
        vm.assertEq(disputes.balanceOf(dave), 12 * LPT - disputes.getDispute(first).lieSeats * LPT / 10);
        vm.assertEq(slashing.stakeFrozenSince(alice), 0);
    }
}

contract Verifier_settleJuror_Test is DisputeTest {
    function settleJurorData(uint256 id, address juror) private view returns (bytes memory) {
        return abi.encodeCall(disputes.settleJuror, (id, juror));
    }

    function test_pays_who_voted_as_the_verdict_says_and_fines_who_did_not_or_did_nothing() public {
        uint256 id = openWithCommittee();
        for (uint256 i = 1; i < jurors.length; i++) {
            commitAs(jurors[i], id, i == 1 ? IVerifier.Vote.Honest : IVerifier.Vote.Lie);
        }
        mineTo(disputes.getDispute(id).commitDeadline + 1);
        for (uint256 i = 1; i < jurors.length; i++) {
            revealAs(jurors[i], id, i == 1 ? IVerifier.Vote.Honest : IVerifier.Vote.Lie);
        }
        mineTo(disputes.getDispute(id).revealDeadline + 1);
        disputes.settle(id);
        assertOutcome(id, IVerifier.Outcome.Lie);

        uint256 fee = disputes.seatsOf(id, jurors[2]) * LPT / 10;
        vm.expectEmit(address(disputes));
        emit IVerifier.JurorSettled(id, jurors[2], fee, 0);
        disputes.settleJuror(id, jurors[2]);
        vm.assertEq(disputes.balanceOf(jurors[2]), fee);

        vm.expectEmit(address(disputes));
        emit IVerifier.JurorSettled(id, jurors[1], 0, 10 * LPT);
        disputes.settleJuror(id, jurors[1]);
        vm.assertEq(bondedAmountOf(jurors[1]), 990 * LPT);

        disputes.settleJuror(id, bob);
        vm.assertEq(bondedAmountOf(bob), 495 * LPT);
        vm.assertTrue(bonding.isActiveTranscoder(bob), "a fined juror stays active");
        vm.assertEq(deactivationRoundOf(bob), NEVER);
        vm.assertEq(token.balanceOf(treasury), (180 + 15) * LPT);
    }

    function test_fines_who_called_an_honest_result_a_lie() public {
        uint256 id = openWithCommittee();
        voteAll(id, IVerifier.Vote.Honest, 1, IVerifier.Vote.Lie);
        disputes.settle(id);
        assertOutcome(id, IVerifier.Outcome.Honest);
        disputes.settleJuror(id, bob);
        vm.assertEq(disputes.balanceOf(bob), 0);
        vm.assertEq(bondedAmountOf(bob), 490 * LPT);
    }

    // Lazy jurors: nothing is paid for a vote that needs no work.
    function test_saying_that_nothing_could_be_had_neither_pays_nor_costs() public {
        uint256 id = disputeWithVerdict(IVerifier.Vote.Unavailable);
        vm.expectEmit(address(disputes));
        emit IVerifier.JurorSettled(id, bob, 0, 0);
        disputes.settleJuror(id, bob);
    }

    function test_pays_both_sides_of_a_hung_committee() public {
        uint256 id = openWithCommittee();
        voteAll(id, IVerifier.Vote.Lie, 3, IVerifier.Vote.Honest);
        disputes.settle(id);
        for (uint256 i = 0; i < jurors.length; i++) {
            disputes.settleJuror(id, jurors[i]);
            vm.assertEq(disputes.balanceOf(jurors[i]), disputes.seatsOf(id, jurors[i]) * LPT / 10);
        }
    }

    function test_happens_once_for_each_juror_after_the_end() public {
        uint256 id = openWithCommittee();
        voteAll(id, IVerifier.Vote.Honest, 0, IVerifier.Vote.Honest);
        assertRevertsWith(
            stranger,
            address(disputes),
            settleJurorData(id, bob),
            abi.encodeWithSelector(IVerifier.StillOpen.selector, id)
        );
        disputes.settle(id);
        disputes.settleJuror(id, bob);
        assertRevertsWith(
            stranger, address(disputes), settleJurorData(id, bob), abi.encodeWithSelector(IVerifier.AlreadyDone.selector)
        );
        assertRevertsWith(
            stranger,
            address(disputes),
            settleJurorData(id, alice),
            abi.encodeWithSelector(IVerifier.NotJuror.selector, alice)
        );
    }

    function test_everybody_can_be_paid_to_the_wei(uint256 votes, uint256 seats) public {
        IVerifier.Parameters memory changed = parameters();
        changed.seats = uint32(bound(seats, 1, 101));
        changed.challengeBond = changed.compensation + changed.seats * changed.jurorFee;
        disputes.setParameters(changed);
        uint256 id = openWithCommittee();
        for (uint256 round = 0; round < 2; round++) {
            for (uint256 i = 0; i < jurors.length; i++) {
                uint256 vote = (votes >> (i * 2)) % 4;
                if (vote == 0 || disputes.seatsOf(id, jurors[i]) == 0) continue;
                if (round == 0) commitAs(jurors[i], id, IVerifier.Vote(vote));
                else revealAs(jurors[i], id, IVerifier.Vote(vote));
            }
            IVerifier.Dispute memory dispute = disputes.getDispute(id);
            mineTo((round == 0 ? dispute.commitDeadline : dispute.revealDeadline) + 1);
        }
        disputes.settle(id);
        uint256 owed = disputes.balanceOf(dave) + disputes.balanceOf(alice);
        for (uint256 i = 0; i < jurors.length; i++) {
            if (disputes.seatsOf(id, jurors[i]) > 0) disputes.settleJuror(id, jurors[i]);
            owed += disputes.balanceOf(jurors[i]);
        }
        vm.assertEq(owed, token.balanceOf(address(disputes)));
    }
}

contract Verifier_withdraw_Test is DisputeTest {
    function test_pays_out_once() public {
        disputeWithVerdict(IVerifier.Vote.Lie);
        uint256 amount = disputes.balanceOf(dave);
        uint256 before = token.balanceOf(dave);
        vm.expectEmit(address(disputes));
        emit IVerifier.Withdrawn(dave, amount);
        vm.prank(dave);
        disputes.withdraw();
        vm.assertEq(token.balanceOf(dave), before + amount);
        vm.assertEq(disputes.balanceOf(dave), 0);
        vm.prank(dave);
        disputes.withdraw();
        vm.assertEq(token.balanceOf(dave), before + amount);
    }
}

contract Verifier_dissolve_Test is DisputeTest {
    function test_returns_the_bond_and_frees_the_stake_where_the_verifier_was_removed() public {
        uint256 id = openWithCommittee();
        bytes memory data = abi.encodeCall(disputes.dissolve, (id));
        assertRevertsWith(
            stranger, address(disputes), data, abi.encodeWithSelector(IVerifier.StillOpen.selector, id)
        );
        register("Verifier", address(0));
        vm.assertEq(slashing.stakeFrozenSince(alice), 0);
        vm.expectEmit(address(disputes));
        emit IVerifier.DisputeEnded(id, IVerifier.Outcome.Void);
        disputes.dissolve(id);
        vm.assertEq(disputes.balanceOf(dave), 12 * LPT);
        disputes.settleJuror(id, bob);
        vm.assertEq(bondedAmountOf(bob), 500 * LPT, "jurors are left alone");
        assertRevertsWith(stranger, address(disputes), data, abi.encodeWithSelector(IVerifier.NotOpen.selector, id));
    }
}

contract Verifier_slashMoreLocks_Test is DisputeTest {
    uint256 private id;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < 42; i++) {
            unbondAs(alice, LPT);
        }
        id = disputeWithVerdict(IVerifier.Vote.Lie);
    }

    function lockOf(uint256 lock) private view returns (uint256 amount) {
        (amount,) = bonding.getDelegatorUnbondingLock(alice, lock);
    }

    function test_goes_on_from_the_newest_to_the_oldest_and_then_frees_the_stake() public {
        vm.assertEq(disputes.getDispute(id).locksLeft, 10);
        vm.assertEq(lockOf(10), LPT * 8 / 10);
        vm.assertEq(lockOf(9), LPT);
        uint256 reward = disputes.balanceOf(dave);

        vm.prank(stranger);
        disputes.slashMoreLocks(id, 4);
        vm.assertEq(lockOf(6), LPT * 8 / 10);
        vm.assertEq(lockOf(5), LPT);
        vm.assertEq(disputes.getDispute(id).locksLeft, 6);
        vm.assertEq(disputes.balanceOf(dave), reward + 4 * LPT / 50);
        vm.assertGt(slashing.stakeFrozenSince(alice), 0, "some locks are left");

        disputes.slashMoreLocks(id, 100);
        vm.assertEq(lockOf(0), LPT * 8 / 10);
        vm.assertEq(disputes.getDispute(id).locksLeft, 0);
        vm.assertEq(disputes.balanceOf(dave), reward + 10 * LPT / 50);
        vm.assertEq(slashing.stakeFrozenSince(alice), 0);
    }

    function test_takes_from_no_lock_twice() public {
        disputes.slashMoreLocks(id, 10);
        assertRevertsWith(
            stranger,
            address(disputes),
            abi.encodeCall(disputes.slashMoreLocks, (id, 1)),
            abi.encodeWithSelector(IVerifier.AlreadyDone.selector)
        );
    }

    function test_is_not_for_disputes_without_a_liar() public {
        bytes memory data = abi.encodeCall(disputes.slashMoreLocks, (id + 1, 1));
        assertRevertsWith(stranger, address(disputes), data, abi.encodeWithSelector(IVerifier.AlreadyDone.selector));
    }
}
