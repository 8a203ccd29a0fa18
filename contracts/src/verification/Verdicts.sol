// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashing} from "../bonding/ISlashing.sol";
import {Challenges} from "./Challenges.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title Verdicts
/// @notice From the jurors' votes to who gets and loses what.
abstract contract Verdicts is Challenges {
    uint256 private constant MILLION = 1_000_000;

    /// @inheritdoc IVerifier
    function commitVote(uint256 _id, bytes32 _vote) external {
        Dispute storage dispute = _openDispute(_id);
        if (seatsOf(_id, msg.sender) == 0) revert NotJuror(msg.sender);
        _requireStep(0, dispute.commitDeadline);
        Ballot storage ballot = ballots[_id][msg.sender];
        if (ballot.commitment != 0) revert AlreadyDone();
        if (_vote == 0) revert InvalidVote();
        ballot.commitment = _vote;
        emit VoteCommitted(_id, msg.sender);
    }

    /// @inheritdoc IVerifier
    function revealVote(uint256 _id, Vote _vote, bytes32 _salt) external {
        Dispute storage dispute = _openDispute(_id);
        Ballot storage ballot = ballots[_id][msg.sender];
        if (ballot.commitment == 0) revert NotJuror(msg.sender);
        _requireStep(uint256(dispute.commitDeadline) + 1, dispute.revealDeadline);
        if (ballot.vote != Vote.None) revert AlreadyDone();
        if (_vote == Vote.None) revert InvalidVote();
        // The juror is part of what it commits to, so that nobody can vote by copying a commitment.
        if (keccak256(abi.encode(_id, msg.sender, _vote, _salt)) != ballot.commitment) revert WrongOpening();

        ballot.vote = _vote;
        uint256 seats = seatsOf(_id, msg.sender);
        if (_vote == Vote.Lie) dispute.lieSeats += seats;
        else if (_vote == Vote.Honest) dispute.honestSeats += seats;
        else dispute.unavailableSeats += seats;
        emit VoteRevealed(_id, msg.sender, _vote, seats);
    }

    /// @inheritdoc IVerifier
    function settle(uint256 _id) external {
        Dispute storage dispute = _openDispute(_id);
        uint256 deadline = dispute.revealDeadline;
        // Without a committee there is no deadline.
        _requireStep(deadline == 0 ? type(uint256).max : deadline + 1, type(uint256).max);

        Outcome outcome = _verdictOf(dispute);
        Parameters storage parameters = _parametersOf(dispute);
        uint256 bond = parameters.challengeBond;
        uint256 fees = _setFees(dispute, outcome, parameters, bond);
        if (outcome == Outcome.Lie || outcome == Outcome.Honest) decisionOn[dispute.commitment] = outcome;

        if (outcome == Outcome.Lie) balanceOf[dispute.challenger] += bond - fees + _slash(dispute, parameters);
        else if (outcome == Outcome.Hung || outcome == Outcome.Moot) balanceOf[dispute.challenger] += bond - fees;
        else _forfeit(dispute, parameters, bond - fees);
        _end(_id, dispute, outcome);
    }

    /// @inheritdoc IVerifier
    function giveUp(uint256 _id) external {
        Dispute storage dispute = _openDispute(_id);
        if (dispute.seed != 0) revert StillOpen(_id);
        Parameters storage parameters = _parametersOf(dispute);
        _requireStep(uint256(dispute.answerDeadline) + 2 + parameters.drawBlocks, type(uint256).max);
        _forfeit(dispute, parameters, parameters.challengeBond);
        _end(_id, dispute, Outcome.GivenUp);
    }

    /// @inheritdoc IVerifier
    function settleJuror(uint256 _id, address _juror) external {
        Dispute storage dispute = disputes[_id];
        Outcome outcome = dispute.outcome;
        if (outcome == Outcome.Open) revert StillOpen(_id);
        uint256 seats = seatsOf(_id, _juror);
        if (seats == 0) revert NotJuror(_juror);
        Ballot storage ballot = ballots[_id][_juror];
        if (ballot.settled) revert AlreadyDone();
        ballot.settled = true;
        // Whoever ends a dispute without a committee's verdict leaves its jurors alone.
        if (outcome == Outcome.GivenUp || outcome == Outcome.Void) return;

        uint256 fee = _isPaid(outcome, ballot.vote) ? dispute.feePerSeat * seats : 0;
        balanceOf[_juror] += fee;
        uint256 fine = _fineFor(outcome, ballot.vote, _parametersOf(dispute));
        if (fine > 0) fine = _slashing().fineTranscoder(_juror, fine);
        emit JurorSettled(_id, _juror, fee, fine);
    }

    /// @inheritdoc IVerifier
    function slashMoreLocks(uint256 _id, uint256 _count) external {
        Dispute storage dispute = disputes[_id];
        uint256 end = dispute.locksLeft;
        if (end == 0) revert AlreadyDone();
        uint256 first = end > _count ? end - _count : 0;
        dispute.locksLeft = first;

        Parameters storage parameters = _parametersOf(dispute);
        uint256 before = _livepeerToken().balanceOf(address(this));
        _slashing().slashUnbondingLocks(
            dispute.accused, address(this), parameters.slashAmount, parameters.finderFee, first, end
        );
        balanceOf[dispute.challenger] += _livepeerToken().balanceOf(address(this)) - before;
        if (first == 0) _release(dispute.accused);
    }

    /// @inheritdoc IVerifier
    function dissolve(uint256 _id) external {
        Dispute storage dispute = _openDispute(_id);
        if (_contract(VERIFIER) == address(this)) revert StillOpen(_id);
        dispute.outcome = Outcome.Void;
        openDisputes[dispute.accused]--;
        balanceOf[dispute.challenger] += _parametersOf(dispute).challengeBond;
        emit DisputeEnded(_id, Outcome.Void);
    }

    /// @inheritdoc IVerifier
    function withdraw() external {
        uint256 amount = balanceOf[msg.sender];
        balanceOf[msg.sender] = 0;
        _livepeerToken().transfer(msg.sender, amount);
        emit Withdrawn(msg.sender, amount);
    }

    function _verdictOf(Dispute storage dispute) private view returns (Outcome) {
        if (decisionOn[dispute.commitment] != Outcome.Open) return Outcome.Moot;
        Parameters storage parameters = _parametersOf(dispute);
        uint256 needed = uint256(parameters.seats) * parameters.verdictThreshold;
        if (dispute.lieSeats * MILLION > needed) return Outcome.Lie;
        if (dispute.honestSeats * MILLION > needed) return Outcome.Honest;
        // Jurors who got the evidence and found nothing wrong count against the challenger here, too.
        if ((dispute.unavailableSeats + dispute.honestSeats) * MILLION > needed) return Outcome.Unavailable;
        return Outcome.Hung;
    }

    /// @dev Sets what a seat is paid, and returns what all paid seats get together.
    function _setFees(Dispute storage dispute, Outcome outcome, Parameters storage parameters, uint256 bond)
        private
        returns (uint256)
    {
        uint256 seats;
        if (_isPaid(outcome, Vote.Lie)) seats += dispute.lieSeats;
        if (_isPaid(outcome, Vote.Honest)) seats += dispute.honestSeats;
        if (seats == 0) return 0;
        // Rounding can give out a few seats more than the bond was reckoned for.
        uint256 affordable = (bond - parameters.compensation) / seats;
        uint256 fee = parameters.jurorFee < affordable ? parameters.jurorFee : affordable;
        dispute.feePerSeat = fee;
        return fee * seats;
    }

    /// @dev Nobody is paid for saying that nothing could be had, or all jurors could agree on that without looking.
    function _isPaid(Outcome outcome, Vote vote) private pure returns (bool) {
        if (outcome == Outcome.Lie) return vote == Vote.Lie;
        if (outcome == Outcome.Honest) return vote == Vote.Honest;
        if (outcome == Outcome.Hung || outcome == Outcome.Moot) return vote == Vote.Lie || vote == Vote.Honest;
        return false;
    }

    function _fineFor(Outcome outcome, Vote vote, Parameters storage parameters) private view returns (uint256) {
        if (vote == Vote.None) return parameters.absenceFine;
        if (outcome == Outcome.Lie && vote == Vote.Honest) return parameters.dissentFine;
        if (outcome == Outcome.Honest && vote == Vote.Lie) return parameters.dissentFine;
        return 0;
    }

    /// @dev Slashes the accused and returns the finder's reward.
    function _slash(Dispute storage dispute, Parameters storage parameters) private returns (uint256 reward) {
        address accused = dispute.accused;
        uint256 before = _livepeerToken().balanceOf(address(this));
        _bondingManager().slashTranscoder(accused, address(this), parameters.slashAmount, parameters.finderFee);
        reward = _livepeerToken().balanceOf(address(this)) - before;

        (,,,,,, uint256 locks) = _bondingManager().getDelegator(accused);
        uint256 reached = _slashing().locksPerSlash();
        dispute.locksLeft = locks > reached ? locks - reached : 0;
    }

    /// @dev Most of a lost bond goes to the treasury: if the accused got it, accusing oneself would cost nothing.
    function _forfeit(Dispute storage dispute, Parameters storage parameters, uint256 rest) private {
        uint256 compensation = dispute.answered ? parameters.compensation : 0;
        balanceOf[dispute.accused] += compensation;
        _livepeerToken().transfer(_contract(TREASURY), rest - compensation);
    }

    function _end(uint256 id, Dispute storage dispute, Outcome outcome) private {
        dispute.outcome = outcome;
        if (!dispute.answered) _slashing().fineTranscoder(dispute.accused, _parametersOf(dispute).absenceFine);
        if (dispute.locksLeft == 0) _release(dispute.accused);
        emit DisputeEnded(id, outcome);
    }

    function _release(address accused) private {
        if (--openDisputes[accused] == 0) {
            ISlashing slashing = _slashing();
            if (slashing.stakeFrozenSince(accused) > 0) slashing.releaseStake(accused);
        }
    }
}
