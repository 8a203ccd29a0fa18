// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../bonding/IBondingManager.sol";
import {IRoundsManager} from "../rounds/IRoundsManager.sol";
import {Committee} from "./Committee.sol";
import {IVerifier} from "./IVerifier.sol";

/// @title Challenges
/// @notice From the announcement of a challenge to its committee.
abstract contract Challenges is Committee {
    /// @inheritdoc IVerifier
    function announce(bytes32 _announcement) external {
        if (announcements[_announcement] != 0) revert AlreadyAnnounced(_announcement);
        announcements[_announcement] = _roundsManager().blockNum();
    }

    /// @inheritdoc IVerifier
    function challenge(
        SegmentCommitment calldata _commitment,
        bytes calldata _signature,
        bytes32 _secretHash,
        bytes32 _salt
    ) external whenSystemNotPaused returns (uint256 id) {
        if (_contract(VERIFIER) != address(this)) revert NotRegistered();
        IRoundsManager rounds = _roundsManager();
        require(rounds.currentRoundInitialized(), "current round is not initialized");

        bytes32 digest = commitmentDigest(_commitment);
        _useAnnouncement(keccak256(abi.encode(msg.sender, digest, _secretHash, _salt)), rounds.blockNum());
        _requireSigned(_commitment, digest, _signature);
        if (decisionOn[digest] != Outcome.Open) revert AlreadyDecided(digest);
        if (msg.sender == _commitment.recipient) revert InvalidCaller(msg.sender);
        if (_bondingManager().delegatorStatus(msg.sender) != IBondingManager.DelegatorStatus.Bonded) {
            revert NotBonded(msg.sender);
        }

        id = ++disputeCount;
        _open(id, digest, _commitment, _secretHash, rounds);

        // The stake of the accused must still be there when the verdict comes.
        if (openDisputes[_commitment.recipient]++ == 0) _slashing().freezeStake(_commitment.recipient);
        uint256 bond = parametersByVersion[parametersVersion].challengeBond;
        _livepeerToken().transferFrom(msg.sender, address(this), bond);
    }

    /// @inheritdoc IVerifier
    function answer(uint256 _id, bytes32 _answer) external {
        Dispute storage dispute = _openDispute(_id);
        if (msg.sender != dispute.accused) revert InvalidCaller(msg.sender);
        if (dispute.answered) revert AlreadyDone();
        _requireStep(0, dispute.answerDeadline);
        dispute.answered = true;
        dispute.answer = _answer;
        emit Answered(_id);
    }

    /// @inheritdoc IVerifier
    /// @dev The challenger's secret was fixed before the answer and the block hash were known, and the answer before
    ///      the block hash was. See docs/concepts/slashing.md for who can still bias what.
    function draw(uint256 _id, bytes32 _secret) external {
        Dispute storage dispute = _openDispute(_id);
        if (dispute.seed != 0) revert AlreadyDone();
        if (keccak256(abi.encode(_secret)) != dispute.secretHash) revert WrongOpening();
        Parameters storage parameters = _parametersOf(dispute);
        uint256 seedBlock = dispute.answerDeadline + 1;
        uint256 blockNumber = _requireStep(seedBlock + 1, seedBlock + parameters.drawBlocks);

        bytes32 blockHash = _roundsManager().blockHash(seedBlock);
        bytes32 seed = keccak256(abi.encode(_id, _secret, dispute.answer, blockHash));
        dispute.seed = seed;
        dispute.commitDeadline = uint64(blockNumber + parameters.commitBlocks);
        dispute.revealDeadline = dispute.commitDeadline + parameters.revealBlocks;
        emit CommitteeDrawn(_id, seed, dispute.commitDeadline, dispute.revealDeadline);
    }

    function _open(
        uint256 id,
        bytes32 digest,
        SegmentCommitment calldata commitment,
        bytes32 secretHash,
        IRoundsManager rounds
    ) private {
        Parameters storage parameters = parametersByVersion[parametersVersion];
        if (parameters.seats == 0) revert InvalidParameter("seats");
        uint256 round = rounds.currentRound();
        if (commitment.round > round || commitment.round + parameters.disputeWindow < round) {
            revert OutsideDisputeWindow(commitment.round, round);
        }
        address accused = commitment.recipient;
        _requireEnoughJurors(accused, msg.sender, round, parameters.minimumJurors);

        Dispute storage dispute = disputes[id];
        dispute.challenger = msg.sender;
        dispute.accused = accused;
        dispute.commitment = digest;
        dispute.round = round;
        dispute.parametersVersion = parametersVersion;
        dispute.secretHash = secretHash;
        uint256 eligible = _eligibleStake(accused, msg.sender, round);
        if (eligible == 0) revert TooFewJurors(0, parameters.minimumJurors);
        dispute.eligibleStake = eligible;
        dispute.answerDeadline = uint64(rounds.blockNum() + parameters.answerBlocks);
        emit Challenged(
            id,
            accused,
            msg.sender,
            digest,
            commitment.sourceHash,
            commitment.profilesHash,
            commitment.renditionsHash,
            dispute.answerDeadline
        );
    }

    function _useAnnouncement(bytes32 announcement, uint256 blockNumber) private {
        uint256 announced = announcements[announcement];
        if (announced == 0 || announced >= blockNumber) revert NotAnnounced(announcement);
        // Used up, but never free again: the same announcement must not open a second dispute.
        announcements[announcement] = type(uint256).max;
    }

    function _openDispute(uint256 id) internal view returns (Dispute storage dispute) {
        dispute = disputes[id];
        if (dispute.challenger == address(0) || dispute.outcome != Outcome.Open) revert NotOpen(id);
    }

    /// @dev Both blocks are part of the step.
    function _requireStep(uint256 first, uint256 last) internal view returns (uint256 blockNumber) {
        blockNumber = _roundsManager().blockNum();
        if (blockNumber < first || blockNumber > last) revert OutsideStep(first, last, blockNumber);
    }
}
