// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MathUtils} from "../math/MathUtils.sol";
import {PreciseMathUtils} from "../math/PreciseMathUtils.sol";

/// @title One transcoder's earnings in one round, and the factors from which delegators' shares follow
/// @notice LIP-36: a stake bonded when the reward factor was F is worth stake * F' / F when the factor is F'.
library EarningsPool {
    /// @dev Factors are in units of 1e-27. A zero factor means "not set in this round".
    struct Data {
        uint256 totalStake;
        uint256 transcoderRewardCut;
        uint256 transcoderFeeShare;
        uint256 cumulativeRewardFactor;
        uint256 cumulativeFeeFactor;
    }

    /// @dev Factors of a round as far as they are known, without the rest of the pool.
    struct Factors {
        uint256 reward;
        uint256 fee;
    }

    function setCommission(Data storage pool, uint256 rewardCut, uint256 feeShare) internal {
        pool.transcoderRewardCut = rewardCut;
        pool.transcoderFeeShare = feeShare;
    }

    /// @dev A transcoder that never called reward has the factor 1.
    function orOne(uint256 rewardFactor) internal pure returns (uint256) {
        return rewardFactor == 0 ? PreciseMathUtils.PERC_DIVISOR : rewardFactor;
    }

    /// @dev Raises the reward factor, starting from `prevRewardFactor`, by `rewards` for the pool's delegators.
    function updateRewardFactor(Data storage pool, uint256 prevRewardFactor, uint256 rewards) internal {
        uint256 prev = orOne(prevRewardFactor);
        pool.cumulativeRewardFactor = prev + PreciseMathUtils.percOf(prev, rewards, pool.totalStake);
    }

    /// @dev Raises the fee factor by `fees` for the pool's delegators. Fees of a round are shared by the stakes of
    ///      the round before, hence its reward factor.
    function updateFeeFactor(Data storage pool, Factors memory prev, uint256 fees) internal {
        uint256 factor = pool.cumulativeFeeFactor;
        uint256 start = factor == 0 ? prev.fee : factor;
        pool.cumulativeFeeFactor = start + PreciseMathUtils.percOf(orOne(prev.reward), fees, pool.totalStake);
    }

    /// @dev What `stake`, bonded at `start`, has become at `end`.
    function stakeAt(uint256 stake, uint256 startReward, uint256 endReward) internal pure returns (uint256) {
        return PreciseMathUtils.percOf(stake, orOne(endReward), orOne(startReward));
    }

    /// @dev Fees that `stake`, bonded at `start`, has earned until `end`.
    function feesBetween(uint256 stake, Factors memory start, Factors memory end) internal pure returns (uint256) {
        return PreciseMathUtils.percOf(stake, end.fee - start.fee, orOne(start.reward));
    }

    /// @dev The part of `amount` that the transcoder keeps under its reward cut.
    function commission(Data storage pool, uint256 amount) internal view returns (uint256) {
        return MathUtils.percOf(amount, pool.transcoderRewardCut);
    }
}
