// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../bonding/IBondingManager.sol";
import {IVerifier} from "./IVerifier.sol";
import {VerifierStorage} from "./VerifierStorage.sol";

/// @title Committee
/// @notice Who judges a dispute, with how many seats.
/// @dev Seats are in proportion to stake. The whole part of a share is certain and only its fraction is drawn, so that
///      knowing or biasing the seed moves a juror's weight by less than one seat. Nobody has to list the committee:
///      an account's seats follow from its stake, the total and the seed.
abstract contract Committee is VerifierStorage {
    /// @inheritdoc IVerifier
    function seatsOf(uint256 _id, address _account) public view returns (uint256) {
        Dispute storage dispute = disputes[_id];
        bytes32 seed = dispute.seed;
        if (seed == 0 || _account == dispute.accused || _account == dispute.challenger) return 0;

        uint256 eligible = dispute.eligibleStake;
        uint256 share = _stakeAt(_account, dispute.round) * _parametersOf(dispute).seats;
        uint256 chance = uint256(keccak256(abi.encode(seed, _account))) % eligible;
        return share / eligible + (chance < share % eligible ? 1 : 0);
    }

    /// @dev The committee's stake: that of all active orchestrators but the two parties.
    function _eligibleStake(address accused, address challenger, uint256 round) internal view returns (uint256) {
        return _bondingVotes().getTotalActiveStakeAt(round) - _stakeAt(accused, round) - _stakeAt(challenger, round);
    }

    /// @dev Stake with which the account is active in `round`, as of the round's start, so that nothing done after a
    ///      challenge changes it. An orchestrator that has left and come back since counts as not active.
    function _stakeAt(address account, uint256 round) internal view returns (uint256) {
        (,,,, uint256 activationRound, uint256 deactivationRound,,,,) = _bondingManager().getTranscoder(account);
        if (round < activationRound || round >= deactivationRound) return 0;
        // Votes of the past are those after the round named.
        return _bondingVotes().getPastVotes(account, round - 1);
    }

    function _requireEnoughJurors(address accused, address challenger, uint256 round, uint256 needed) internal view {
        IBondingManager bonding = _bondingManager();
        uint256 available = bonding.getTranscoderPoolSize();
        if (_stakeAt(accused, round) > 0 && available > 0) available--;
        if (_stakeAt(challenger, round) > 0 && available > 0) available--;
        if (available < needed) revert TooFewJurors(available, needed);
    }
}
