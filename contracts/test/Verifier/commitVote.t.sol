// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVerifier} from "../../src/verification/IVerifier.sol";
import {DisputeTest} from "../utils/DisputeTest.sol";

contract Verifier_commitVote_Test is DisputeTest {
    uint256 private id;

    function setUp() public override {
        super.setUp();
        id = openWithCommittee();
    }

    function commitData(bytes32 vote) private view returns (bytes memory) {
        return abi.encodeCall(disputes.commitVote, (id, vote));
    }

    function test_is_for_jurors_once_and_until_the_deadline() public {
        uint256 deadline = disputes.getDispute(id).commitDeadline;
        mineTo(deadline + 1);
        assertRevertsWith(bob, address(disputes), commitData("x"), stepError(0, deadline));
        mineTo(deadline);
        vm.expectEmit(address(disputes));
        emit IVerifier.VoteCommitted(id, bob);
        commitAs(bob, id, IVerifier.Vote.Lie);
        assertRevertsWith(
            bob, address(disputes), commitData("x"), abi.encodeWithSelector(IVerifier.AlreadyDone.selector)
        );
    }

    function test_the_parties_and_strangers_have_no_vote() public {
        address[4] memory others = [alice, dave, carol, stranger];
        for (uint256 i = 0; i < others.length; i++) {
            assertRevertsWith(
                others[i],
                address(disputes),
                commitData("x"),
                abi.encodeWithSelector(IVerifier.NotJuror.selector, others[i])
            );
        }
    }

    function test_there_is_no_vote_before_the_draw_nor_for_nothing() public {
        assertRevertsWith(
            bob, address(disputes), commitData(0), abi.encodeWithSelector(IVerifier.InvalidVote.selector)
        );
        nextRound();
        IVerifier.SegmentCommitment memory next = newCommitment();
        announceAs(dave, next);
        bytes memory data = challengeData(next);
        vm.prank(dave);
        (bool ok,) = address(disputes).call(data);
        vm.assertTrue(ok);
        id = 2;
        assertRevertsWith(
            bob, address(disputes), commitData("x"), abi.encodeWithSelector(IVerifier.NotJuror.selector, bob)
        );
        id = 3;
        assertRevertsWith(
            bob, address(disputes), commitData("x"), abi.encodeWithSelector(IVerifier.NotOpen.selector, 3)
        );
    }
}

contract Verifier_revealVote_Test is DisputeTest {
    uint256 private id;

    function setUp() public override {
        super.setUp();
        id = openWithCommittee();
        commitAs(bob, id, IVerifier.Vote.Lie);
    }

    function revealData(IVerifier.Vote vote, bytes32 salt) private view returns (bytes memory) {
        return abi.encodeCall(disputes.revealVote, (id, vote, salt));
    }

    function test_counts_the_jurors_seats() public {
        for (uint256 i = 1; i < 3; i++) {
            commitAs(jurors[i], id, i == 1 ? IVerifier.Vote.Honest : IVerifier.Vote.Unavailable);
        }
        mineTo(disputes.getDispute(id).commitDeadline + 1);
        vm.expectEmit(address(disputes));
        emit IVerifier.VoteRevealed(id, bob, IVerifier.Vote.Lie, disputes.seatsOf(id, bob));
        revealAs(bob, id, IVerifier.Vote.Lie);
        revealAs(jurors[1], id, IVerifier.Vote.Honest);
        revealAs(jurors[2], id, IVerifier.Vote.Unavailable);
        IVerifier.Dispute memory dispute = disputes.getDispute(id);
        vm.assertEq(dispute.lieSeats, disputes.seatsOf(id, bob));
        vm.assertEq(dispute.honestSeats, disputes.seatsOf(id, jurors[1]));
        vm.assertEq(dispute.unavailableSeats, disputes.seatsOf(id, jurors[2]));
        vm.assertEq(uint256(disputes.getBallot(id, bob).vote), uint256(IVerifier.Vote.Lie));
        vm.assertEq(uint256(disputes.getBallot(id, jurors[3]).vote), uint256(IVerifier.Vote.None));
    }

    function test_comes_after_all_commitments_and_before_the_deadline() public {
        (uint256 first, uint256 last) =
            (disputes.getDispute(id).commitDeadline + 1, disputes.getDispute(id).revealDeadline);
        mineTo(first - 1);
        assertRevertsWith(bob, address(disputes), revealData(IVerifier.Vote.Lie, SALT), stepError(first, last));
        mineTo(last + 1);
        assertRevertsWith(bob, address(disputes), revealData(IVerifier.Vote.Lie, SALT), stepError(first, last));
        mineTo(last);
        revealAs(bob, id, IVerifier.Vote.Lie);
    }

    function test_cannot_differ_from_what_was_committed_to() public {
        mineTo(disputes.getDispute(id).commitDeadline + 1);
        bytes memory wrong = abi.encodeWithSelector(IVerifier.WrongOpening.selector);
        assertRevertsWith(bob, address(disputes), revealData(IVerifier.Vote.Honest, SALT), wrong);
        assertRevertsWith(bob, address(disputes), revealData(IVerifier.Vote.Lie, "other"), wrong);
        assertRevertsWith(
            bob,
            address(disputes),
            revealData(IVerifier.Vote.None, SALT),
            abi.encodeWithSelector(IVerifier.InvalidVote.selector)
        );
        revealAs(bob, id, IVerifier.Vote.Lie);
        assertRevertsWith(
            bob,
            address(disputes),
            revealData(IVerifier.Vote.Lie, SALT),
            abi.encodeWithSelector(IVerifier.AlreadyDone.selector)
        );
    }

    // Lazy jurors: the commitment names its juror, so another's cannot be copied and opened later.
    function test_a_copied_commitment_cannot_be_opened() public {
        address lazy = jurors[1];
        vm.prank(lazy);
        disputes.commitVote(id, sealedVote(id, bob, IVerifier.Vote.Lie));
        mineTo(disputes.getDispute(id).commitDeadline + 1);
        revealAs(bob, id, IVerifier.Vote.Lie);
        assertRevertsWith(
            lazy,
            address(disputes),
            revealData(IVerifier.Vote.Lie, SALT),
            abi.encodeWithSelector(IVerifier.WrongOpening.selector)
        );
    }

    function test_needs_a_commitment() public {
        mineTo(disputes.getDispute(id).commitDeadline + 1);
        assertRevertsWith(
            jurors[1],
            address(disputes),
            revealData(IVerifier.Vote.Lie, SALT),
            abi.encodeWithSelector(IVerifier.NotJuror.selector, jurors[1])
        );
    }
}
