// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EarningsPool} from "./EarningsPool.sol";
import {IBondingManager} from "./IBondingManager.sol";
import {Slashing} from "./Slashing.sol";

/// @title BondingViews
/// @notice What can be read of stake without a transaction.
abstract contract BondingViews is Slashing {
    /// @inheritdoc IBondingManager
    function pendingStake(address _delegator, uint256 _endRound) external view returns (uint256) {
        _endRound;
        (uint256 stake,) = _pendingStakeAndFees(_delegator, _roundsManager().currentRound());
        return stake;
    }

    /// @inheritdoc IBondingManager
    function pendingFees(address _delegator, uint256 _endRound) external view returns (uint256) {
        _endRound;
        (, uint256 fees) = _pendingStakeAndFees(_delegator, _roundsManager().currentRound());
        return fees;
    }

    /// @inheritdoc IBondingManager
    function transcoderTotalStake(address _transcoder) external view returns (uint256) {
        return delegators[_transcoder].delegatedAmount;
    }

    /// @inheritdoc IBondingManager
    function transcoderStatus(address _transcoder) external view returns (TranscoderStatus) {
        return _isRegistered(_transcoder) ? TranscoderStatus.Registered : TranscoderStatus.NotRegistered;
    }

    /// @inheritdoc IBondingManager
    function delegatorStatus(address _delegator) external view returns (DelegatorStatus) {
        return _status(delegators[_delegator], _roundsManager().currentRound());
    }

    /// @inheritdoc IBondingManager
    function getTranscoder(address _transcoder)
        external
        view
        returns (
            uint256 lastRewardRound,
            uint256 rewardCut,
            uint256 feeShare,
            uint256 lastActiveStakeUpdateRound,
            uint256 activationRound,
            uint256 deactivationRound,
            uint256 activeCumulativeRewards,
            uint256 cumulativeRewards,
            uint256 cumulativeFees,
            uint256 lastFeeRound
        )
    {
        Transcoder storage t = transcoders[_transcoder];
        lastRewardRound = t.lastRewardRound;
        rewardCut = t.rewardCut;
        feeShare = t.feeShare;
        lastActiveStakeUpdateRound = t.lastActiveStakeUpdateRound;
        activationRound = t.activationRound;
        deactivationRound = t.deactivationRound;
        activeCumulativeRewards = t.activeCumulativeRewards;
        cumulativeRewards = t.cumulativeRewards;
        cumulativeFees = t.cumulativeFees;
        lastFeeRound = t.lastFeeRound;
    }

    /// @inheritdoc IBondingManager
    function getTranscoderEarningsPoolForRound(address _transcoder, uint256 _round)
        external
        view
        returns (
            uint256 totalStake,
            uint256 transcoderRewardCut,
            uint256 transcoderFeeShare,
            uint256 cumulativeRewardFactor,
            uint256 cumulativeFeeFactor
        )
    {
        EarningsPool.Data storage pool = transcoders[_transcoder].earningsPoolPerRound[_round];
        totalStake = pool.totalStake;
        transcoderRewardCut = pool.transcoderRewardCut;
        transcoderFeeShare = pool.transcoderFeeShare;
        cumulativeRewardFactor = pool.cumulativeRewardFactor;
        cumulativeFeeFactor = pool.cumulativeFeeFactor;
    }

    /// @inheritdoc IBondingManager
    function getDelegator(address _delegator)
        external
        view
        returns (
            uint256 bondedAmount,
            uint256 fees,
            address delegateAddress,
            uint256 delegatedAmount,
            uint256 startRound,
            uint256 lastClaimRound,
            uint256 nextUnbondingLockId
        )
    {
        Delegator storage del = delegators[_delegator];
        bondedAmount = del.bondedAmount;
        fees = del.fees;
        delegateAddress = del.delegateAddress;
        delegatedAmount = del.delegatedAmount;
        startRound = del.startRound;
        lastClaimRound = del.lastClaimRound;
        nextUnbondingLockId = del.nextUnbondingLockId;
    }

    /// @inheritdoc IBondingManager
    function getDelegatorUnbondingLock(address _delegator, uint256 _unbondingLockId)
        external
        view
        returns (uint256 amount, uint256 withdrawRound)
    {
        UnbondingLock storage lock = delegators[_delegator].unbondingLocks[_unbondingLockId];
        return (lock.amount, lock.withdrawRound);
    }

    /// @inheritdoc IBondingManager
    function getTranscoderPoolMaxSize() external view returns (uint256) {
        return transcoderPool.maxSize;
    }

    /// @inheritdoc IBondingManager
    function getTranscoderPoolSize() external view returns (uint256) {
        return transcoderPool.size;
    }

    /// @inheritdoc IBondingManager
    function getFirstTranscoderInPool() external view returns (address) {
        return transcoderPool.head;
    }

    /// @inheritdoc IBondingManager
    function getNextTranscoderInPool(address _transcoder) external view returns (address) {
        return transcoderPool.nodes[_transcoder].nextId;
    }

    /// @inheritdoc IBondingManager
    function getTotalBonded() external view returns (uint256) {
        return currentRoundTotalActiveStake;
    }

    /// @inheritdoc IBondingManager
    function isActiveTranscoder(address _transcoder) external view returns (bool) {
        return _isActive(_transcoder, _roundsManager().currentRound());
    }

    /// @inheritdoc IBondingManager
    function isRegisteredTranscoder(address _transcoder) external view returns (bool) {
        return _isRegistered(_transcoder);
    }

    /// @inheritdoc IBondingManager
    function isValidUnbondingLock(address _delegator, uint256 _unbondingLockId) external view returns (bool) {
        return delegators[_delegator].unbondingLocks[_unbondingLockId].withdrawRound > 0;
    }
}
