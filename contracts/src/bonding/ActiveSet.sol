// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BondingStorage} from "./BondingStorage.sol";
import {SortedDoublyLL} from "./SortedDoublyLL.sol";

/// @title ActiveSet
/// @notice The pool of transcoders that will be active in the next round, and the history of their stakes.
abstract contract ActiveSet is BondingStorage {
    using SortedDoublyLL for SortedDoublyLL.Data;

    /// @dev Adds `amount` to what is bonded to `delegate`, and lets a registered transcoder join the pool.
    function _increaseTotalStake(address delegate, uint256 amount, uint256 round, address posPrev, address posNext)
        internal
    {
        uint256 stake = delegators[delegate].delegatedAmount;
        uint256 newStake = stake + amount;

        bool inPool = transcoderPool.contains(delegate);
        bool keepsHistory = inPool || _isActive(delegate, round);
        if (inPool) {
            transcoderPool.updateKey(delegate, newStake, posPrev, posNext);
            nextRoundTotalActiveStake += amount;
        } else if (_isRegistered(delegate)) {
            _tryToJoin(delegate, newStake, round + 1, posPrev, posNext);
        }
        if (keepsHistory) _recordStake(delegate, stake, newStake, round);

        delegators[delegate].delegatedAmount = newStake;
    }

    /// @dev Takes `amount` from what is bonded to `delegate`. Nobody from outside the pool moves up automatically.
    function _decreaseTotalStake(address delegate, uint256 amount, uint256 round, address posPrev, address posNext)
        internal
    {
        uint256 stake = delegators[delegate].delegatedAmount;
        uint256 newStake = stake - amount;

        bool inPool = transcoderPool.contains(delegate);
        bool keepsHistory = inPool || _isActive(delegate, round);
        if (inPool) {
            transcoderPool.updateKey(delegate, newStake, posPrev, posNext);
            nextRoundTotalActiveStake -= amount;
        }
        if (keepsHistory) _recordStake(delegate, stake, newStake, round);

        delegators[delegate].delegatedAmount = newStake;
    }

    /// @dev Puts the transcoder into the pool, in place of the last one if the pool is full and that one has less.
    function _tryToJoin(address account, uint256 stake, uint256 activationRound, address posPrev, address posNext)
        internal
    {
        uint256 nextRoundTotal = nextRoundTotalActiveStake;
        if (transcoderPool.isFull()) {
            address last = transcoderPool.tail;
            uint256 lastStake = delegators[last].delegatedAmount;
            if (stake <= lastStake) return;

            transcoderPool.remove(last);
            transcoders[last].deactivationRound = activationRound;
            nextRoundTotal -= lastStake;
            emit TranscoderDeactivated(last, activationRound);
        }

        transcoderPool.insert(account, stake, posPrev, posNext);
        nextRoundTotalActiveStake = nextRoundTotal + stake;

        Transcoder storage t = transcoders[account];
        t.lastActiveStakeUpdateRound = activationRound;
        t.activationRound = activationRound;
        t.deactivationRound = MAX_FUTURE_ROUND;
        t.earningsPoolPerRound[activationRound].totalStake = stake;
        emit TranscoderActivated(account, activationRound);
    }

    /// @dev Takes the transcoder out of the pool; it stays active until the end of `round`.
    function _resign(address account, uint256 round) internal {
        transcoderPool.remove(account);
        nextRoundTotalActiveStake -= delegators[account].delegatedAmount;
        transcoders[account].deactivationRound = round + 1;
        emit TranscoderDeactivated(account, round + 1);
    }

    /// @dev Keeps this round's stake for this round's earnings before writing the next round's. This also concerns
    ///      a transcoder that has left the pool but is active until the round ends.
    function _recordStake(address account, uint256 stake, uint256 newStake, uint256 round) private {
        Transcoder storage t = transcoders[account];
        uint256 lastUpdate = t.lastActiveStakeUpdateRound;
        if (lastUpdate < round) t.earningsPoolPerRound[round].totalStake = stake;
        t.earningsPoolPerRound[round + 1].totalStake = newStake;
        if (lastUpdate != round + 1) t.lastActiveStakeUpdateRound = round + 1;
    }
}
