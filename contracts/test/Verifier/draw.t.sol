// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVerifier} from "../../src/verification/IVerifier.sol";
import {DisputeTest} from "../utils/DisputeTest.sol";

contract Verifier_draw_Test is DisputeTest {
    function drawData(uint256 id) private view returns (bytes memory) {
        return abi.encodeCall(disputes.draw, (id, SECRET));
    }

    function test_fixes_the_committee_and_the_deadlines() public {
        uint256 id = openDispute();
        answerAs(alice, id);
        uint256 deadline = disputes.getDispute(id).answerDeadline;
        mineTo(deadline + 2);
        bytes32 blockHash = rounds.blockHash(deadline + 1);
        bytes32 seed = keccak256(abi.encode(id, SECRET, keccak256("an answer"), blockHash));
        vm.expectEmit(address(disputes));
        emit IVerifier.CommitteeDrawn(id, seed, deadline + 12, deadline + 22);
        vm.prank(dave);
        disputes.draw(id, SECRET);
        vm.assertEq(disputes.getDispute(id).seed, seed);
    }

    function test_shares_the_seats_out_by_stake() public {
        uint256 id = openDispute();
        vm.assertEq(disputes.seatsOf(id, bob), 0, "before the draw");
        drawCommittee(id);
        uint256 sum;
        for (uint256 i = 0; i < jurors.length; i++) {
            uint256 seats = disputes.seatsOf(id, jurors[i]);
            uint256 share = uint256(i == 0 ? 510 : 1000) * 101 / 5510;
            vm.assertTrue(seats == share || seats == share + 1, "a share is rounded up or down");
            sum += seats;
        }
        vm.assertTrue(sum > 98 && sum < 105, "the seats are about 101");
        vm.assertEq(disputes.seatsOf(id, alice), 0, "the accused");
        vm.assertEq(disputes.seatsOf(id, dave), 0, "the challenger");
        vm.assertEq(disputes.seatsOf(id, carol), 0, "a delegator");
        vm.assertEq(disputes.seatsOf(id, stranger), 0, "a stranger");
    }

    // Stake moved after the challenge, when the seed may be known, must not buy seats.
    function test_stake_that_comes_after_the_rounds_start_has_no_seats() public {
        uint256 id = openWithCommittee();
        uint256 before = disputes.seatsOf(id, jurors[1]);
        bondAs(stranger, 5000 * LPT, jurors[1]);
        fund(erin, 9000 * LPT);
        joinAs(erin, 9000 * LPT);
        nextRound();
        vm.assertEq(disputes.seatsOf(id, jurors[1]), before);
        vm.assertEq(disputes.seatsOf(id, erin), 0);
    }

    function test_a_committee_of_one_seat_is_drawn_in_proportion_to_stake() public {
        IVerifier.Parameters memory changed = parameters();
        changed.seats = 1;
        disputes.setParameters(changed);
        uint256 id = openDispute();
        drawCommittee(id);
        // Seeds beyond the real one come from storage: field 7 of the dispute in slot 5.
        bytes32 slot = bytes32(uint256(keccak256(abi.encode(id, uint256(5)))) + 7);
        uint256[6] memory won;
        for (uint256 i = 0; i < 3000; i++) {
            vm.store(address(disputes), slot, keccak256(abi.encode("seed", i)));
            for (uint256 j = 0; j < jurors.length; j++) {
                won[j] += disputes.seatsOf(id, jurors[j]);
            }
        }
        // Means 278 and 544, standard deviations 16 and 21; four of them to either side.
        vm.assertTrue(won[0] > 214 && won[0] < 342, "bob");
        for (uint256 j = 1; j < 6; j++) {
            vm.assertTrue(won[j] > 460 && won[j] < 628, "a juror");
        }
    }

    function test_comes_after_the_block_that_follows_the_answers() public {
        uint256 id = openDispute();
        uint256 deadline = disputes.getDispute(id).answerDeadline;
        mineTo(deadline + 1);
        assertRevertsWith(dave, address(disputes), drawData(id), stepError(deadline + 2, deadline + 6));
        mineTo(deadline + 7);
        assertRevertsWith(dave, address(disputes), drawData(id), stepError(deadline + 2, deadline + 6));
        mineTo(deadline + 6);
        disputes.draw(id, SECRET);
        assertRevertsWith(
            dave, address(disputes), drawData(id), abi.encodeWithSelector(IVerifier.AlreadyDone.selector)
        );
    }

    function test_needs_the_challengers_secret() public {
        uint256 id = openDispute();
        mineTo(disputes.getDispute(id).answerDeadline + 2);
        bytes memory data = abi.encodeCall(disputes.draw, (id, keccak256("a guess")));
        assertRevertsWith(dave, address(disputes), data, abi.encodeWithSelector(IVerifier.WrongOpening.selector));
    }

    function test_needs_an_open_dispute() public {
        assertRevertsWith(
            dave, address(disputes), drawData(9), abi.encodeWithSelector(IVerifier.NotOpen.selector, 9)
        );
    }
}

contract Verifier_answer_Test is DisputeTest {
    function answerData(uint256 id) private view returns (bytes memory) {
        return abi.encodeCall(disputes.answer, (id, keccak256("an answer")));
    }

    function test_is_the_accuseds_in_time_and_once() public {
        uint256 id = openDispute();
        assertRevertsWith(
            dave, address(disputes), answerData(id), abi.encodeWithSelector(IVerifier.InvalidCaller.selector, dave)
        );
        uint256 deadline = disputes.getDispute(id).answerDeadline;
        mineTo(deadline + 1);
        assertRevertsWith(alice, address(disputes), answerData(id), stepError(0, deadline));
        mineTo(deadline);
        vm.expectEmit(address(disputes));
        emit IVerifier.Answered(id);
        answerAs(alice, id);
        assertRevertsWith(
            alice, address(disputes), answerData(id), abi.encodeWithSelector(IVerifier.AlreadyDone.selector)
        );
    }

    function test_who_does_not_answer_is_fined_even_if_it_was_honest() public {
        uint256 id = openDispute();
        drawCommittee(id);
        voteAll(id, IVerifier.Vote.Honest, 0, IVerifier.Vote.Honest);
        disputes.settle(id);
        vm.assertEq(bondedAmountOf(alice), 995 * LPT);
        vm.assertEq(disputes.balanceOf(alice), 0, "and gets nothing of the bond");
    }

    function test_needs_an_open_dispute() public {
        assertRevertsWith(
            alice, address(disputes), answerData(1), abi.encodeWithSelector(IVerifier.NotOpen.selector, 1)
        );
    }
}

contract Verifier_giveUp_Test is DisputeTest {
    function giveUpData(uint256 id) private view returns (bytes memory) {
        return abi.encodeCall(disputes.giveUp, (id));
    }

    function test_a_challenger_who_keeps_its_secret_loses_the_bond_and_decides_nothing() public {
        uint256 id = openDispute();
        answerAs(alice, id);
        uint256 deadline = disputes.getDispute(id).answerDeadline;
        mineTo(deadline + 6);
        assertRevertsWith(stranger, address(disputes), giveUpData(id), stepError(deadline + 7, NEVER));
        mineTo(deadline + 7);
        vm.expectEmit(address(disputes));
        emit IVerifier.DisputeEnded(id, IVerifier.Outcome.GivenUp);
        vm.prank(stranger);
        disputes.giveUp(id);

        assertOutcome(id, IVerifier.Outcome.GivenUp);
        vm.assertEq(disputes.balanceOf(alice), LPT);
        vm.assertEq(disputes.balanceOf(dave), 0);
        vm.assertEq(token.balanceOf(treasury), 11 * LPT);
        vm.assertEq(bondedAmountOf(alice), 1000 * LPT);
        vm.assertEq(slashing.stakeFrozenSince(alice), 0);
        bytes32 digest = disputes.getDispute(id).commitment;
        vm.assertEq(uint256(disputes.decisionOn(digest)), uint256(IVerifier.Outcome.Open));
    }

    function test_is_not_for_disputes_that_have_a_committee() public {
        uint256 id = openWithCommittee();
        mineTo(rounds.blockNum() + 100);
        assertRevertsWith(
            stranger, address(disputes), giveUpData(id), abi.encodeWithSelector(IVerifier.StillOpen.selector, id)
        );
    }
}
