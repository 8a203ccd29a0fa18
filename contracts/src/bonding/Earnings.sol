// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MathUtils} from "../math/MathUtils.sol";
import {PreciseMathUtils} from "../math/PreciseMathUtils.sol";
import {ILivepeerToken} from "../token/ILivepeerToken.sol";
import {IMinter} from "../token/IMinter.sol";
import {ActiveSet} from "./ActiveSet.sol";
import {EarningsPool} from "./EarningsPool.sol";

/// @title Earnings
/// @notice How rewards and fees reach transcoders and delegators, after LIP-36.
/// @dev Delegators' shares follow from two factors per transcoder and round, so a claim costs the same however many
///      rounds it spans. What a transcoder keeps for itself is counted apart, in cumulativeRewards and cumulativeFees.
abstract contract Earnings is ActiveSet {
    using EarningsPool for EarningsPool.Data;

    /// @dev Adds the account's earnings up to `round` to its stake and fees, unless that was done in this round.
    function _claimEarnings(address account, uint256 round) internal {
        Delegator storage del = delegators[account];
        uint256 lastClaimRound = del.lastClaimRound;
        if (lastClaimRound >= round) return;

        address delegate = del.delegateAddress;
        uint256 bonded = del.bondedAmount;
        uint256 fees = del.fees;
        uint256 newBonded = bonded;
        uint256 newFees = fees;
        if (delegate != address(0)) {
            (newBonded, newFees) = _pendingStakeAndFees(account, round);
            // The next claim starts from this round's factors, so they must exist.
            _ensureFactors(delegate, round);
            if (delegate == account) {
                Transcoder storage t = transcoders[account];
                t.cumulativeRewards = 0;
                t.cumulativeFees = 0;
            }
        }

        // Emitted without a delegate, too: indexers count on it.
        emit EarningsClaimed(delegate, account, newBonded - bonded, newFees - fees, lastClaimRound + 1, round);

        del.lastClaimRound = round;
        del.bondedAmount = newBonded;
        del.fees = newFees;
    }

    /// @dev Carries the transcoder's latest factors over to `round` where that has none of its own.
    function _ensureFactors(address account, uint256 round) internal {
        Transcoder storage t = transcoders[account];
        EarningsPool.Data storage pool = t.earningsPoolPerRound[round];
        if (pool.cumulativeRewardFactor == 0) {
            uint256 lastRewardRound = t.lastRewardRound;
            if (lastRewardRound < round) {
                pool.cumulativeRewardFactor = t.earningsPoolPerRound[lastRewardRound].cumulativeRewardFactor;
            }
        }
        if (pool.cumulativeFeeFactor == 0) {
            uint256 lastFeeRound = t.lastFeeRound;
            if (lastFeeRound < round) {
                pool.cumulativeFeeFactor = t.earningsPoolPerRound[lastFeeRound].cumulativeFeeFactor;
            }
        }
    }

    /// @dev Stake and fees of the account including earnings up to `round`.
    function _pendingStakeAndFees(address account, uint256 round) internal view returns (uint256 stake, uint256 fees) {
        Delegator storage del = delegators[account];
        address delegate = del.delegateAddress;
        Transcoder storage t = transcoders[delegate];
        stake = del.bondedAmount;
        fees = del.fees;

        uint256 lastClaimRound = del.lastClaimRound;
        if (lastClaimRound < round) {
            EarningsPool.Data storage pool = t.earningsPoolPerRound[lastClaimRound];
            EarningsPool.Factors memory start =
                EarningsPool.Factors(pool.cumulativeRewardFactor, pool.cumulativeFeeFactor);
            EarningsPool.Factors memory end = _latestFactors(t, round);
            fees += EarningsPool.feesBetween(stake, start, end);
            stake = EarningsPool.stakeAt(stake, start.reward, end.reward);
        }
        if (delegate == account) {
            stake += t.cumulativeRewards;
            fees += t.cumulativeFees;
        }
    }

    /// @dev Factors of the transcoder in `round`, taken from its last reward and fee rounds where it has none.
    function _latestFactors(Transcoder storage t, uint256 round)
        internal
        view
        returns (EarningsPool.Factors memory factors)
    {
        EarningsPool.Data storage pool = t.earningsPoolPerRound[round];
        factors.reward = pool.cumulativeRewardFactor;
        factors.fee = pool.cumulativeFeeFactor;
        if (factors.reward == 0) {
            uint256 lastRewardRound = t.lastRewardRound;
            if (lastRewardRound < round) {
                factors.reward = t.earningsPoolPerRound[lastRewardRound].cumulativeRewardFactor;
            }
        }
        if (factors.fee == 0) {
            uint256 lastFeeRound = t.lastFeeRound;
            if (lastFeeRound < round) factors.fee = t.earningsPoolPerRound[lastFeeRound].cumulativeFeeFactor;
        }
    }

    /// @dev Mints and shares the reward of an active transcoder that has not had it in `round`.
    function _reward(address account, uint256 round, address posPrev, address posNext) internal {
        Transcoder storage t = transcoders[account];
        require(_isActive(account, round), "caller must be an active transcoder");
        require(t.lastRewardRound != round, "caller has already called reward for the current round");

        EarningsPool.Data storage pool = t.earningsPoolPerRound[round];
        _fixTerms(t, pool, round);

        address treasury = _contract(TREASURY);
        _checkTreasuryCeiling(treasury);

        IMinter minter = _minter();
        uint256 rewards = minter.createReward(pool.totalStake, currentRoundTotalActiveStake);
        uint256 treasuryRewards = PreciseMathUtils.percOf(rewards, treasuryRewardCutRate);
        if (treasuryRewards > 0) {
            minter.trustedTransferTokens(treasury, treasuryRewards);
            emit TreasuryReward(account, treasury, treasuryRewards);
            rewards -= treasuryRewards;
        }

        _shareRewards(t, pool, rewards);
        _increaseTotalStake(account, rewards, round, posPrev, posNext);
        t.lastRewardRound = round;
        emit Reward(account, rewards);
        _checkpoint(account, round);
    }

    /// @dev Shares fees between an active transcoder and its delegators.
    function _addFees(address account, uint256 fees, uint256 round) internal {
        Transcoder storage t = transcoders[account];
        uint256 lastRewardRound = t.lastRewardRound;
        uint256 activeRewards = t.activeCumulativeRewards;
        EarningsPool.Data storage pool = t.earningsPoolPerRound[round];
        EarningsPool.Factors memory prev = _latestFactors(t, round - 1);

        if (lastRewardRound < round) {
            // Without a reward call nothing has fixed this round's terms yet. What the transcoder has earned so far
            // is what a reward call later in this round will count as its own active stake.
            _fixTerms(t, pool, round);
            activeRewards = t.cumulativeRewards;
        }

        uint256 totalStake = pool.totalStake;
        if (prev.reward == 0 && lastRewardRound == round) {
            prev.reward = _rewardFactorBeforeReward(pool, totalStake);
        }

        // Own earnings are part of the stake; if they ever were not, fees would be paid out that nobody paid in.
        assert(activeRewards <= totalStake);

        uint256 delegatorsFees = MathUtils.percOf(fees, pool.transcoderFeeShare);
        uint256 ownFees = PreciseMathUtils.percOf(delegatorsFees, activeRewards, totalStake);
        t.cumulativeFees += ownFees + (fees - delegatorsFees);
        pool.updateFeeFactor(prev, delegatorsFees);
        t.lastFeeRound = round;
    }

    /// @dev Puts the transcoder's terms and stake into its pool of `round`.
    function _fixTerms(Transcoder storage t, EarningsPool.Data storage pool, uint256 round) private {
        pool.setCommission(t.rewardCut, t.feeShare);
        uint256 lastUpdate = t.lastActiveStakeUpdateRound;
        if (lastUpdate < round) pool.totalStake = t.earningsPoolPerRound[lastUpdate].totalStake;
    }

    /// @dev A treasury that is full gets nothing from the next round on; this round's share is still paid.
    function _checkTreasuryCeiling(address treasury) private {
        uint256 ceiling = treasuryBalanceCeiling;
        if (ceiling == 0 || nextRoundTreasuryRewardCutRate == 0) return;
        if (_livepeerToken().balanceOf(treasury) >= ceiling) _setNextTreasuryRewardCutRate(0);
    }

    function _setNextTreasuryRewardCutRate(uint256 cutRate) internal {
        nextRoundTreasuryRewardCutRate = cutRate;
        emit ParameterUpdate("nextRoundTreasuryRewardCutRate");
    }

    function _shareRewards(Transcoder storage t, EarningsPool.Data storage pool, uint256 rewards) private {
        uint256 totalStake = pool.totalStake;
        uint256 activeRewards = t.cumulativeRewards;
        t.activeCumulativeRewards = activeRewards;
        assert(activeRewards <= totalStake);

        uint256 ownRewards = pool.commission(rewards);
        uint256 delegatorsRewards = rewards - ownRewards;
        ownRewards += PreciseMathUtils.percOf(delegatorsRewards, activeRewards, totalStake);
        t.cumulativeRewards = activeRewards + ownRewards;

        uint256 prevFactor = t.earningsPoolPerRound[t.lastRewardRound].cumulativeRewardFactor;
        pool.updateRewardFactor(prevFactor, delegatorsRewards);
    }

    /// @dev Works out the factor before this round's reward for a transcoder that missed rounds before it: the
    ///      present factor without what this round's issuance has added to it.
    function _rewardFactorBeforeReward(EarningsPool.Data storage pool, uint256 totalStake)
        private
        view
        returns (uint256)
    {
        uint256 rewards =
            PreciseMathUtils.percOf(_minter().currentMintableTokens(), totalStake, currentRoundTotalActiveStake);
        rewards -= PreciseMathUtils.percOf(rewards, treasuryRewardCutRate);
        uint256 delegatorsRewards = rewards - pool.commission(rewards);
        return PreciseMathUtils.percOf(pool.cumulativeRewardFactor, totalStake, delegatorsRewards + totalStake);
    }
}
