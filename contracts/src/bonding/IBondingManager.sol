// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Stake: who bonds how much to whom, who is active, who earns what
/// @notice Transcoders (orchestrators) bond to themselves; delegators bond to a transcoder and share its earnings.
///         The transcoders with the most stake are active. Changes of stake take effect in the next round.
/// @dev `...WithHint` functions take the neighbours that the moved transcoder will have in the pool, see
///      SortedDoublyLL. All `_endRound` and `_round` arguments that are not used exist for compatibility.
interface IBondingManager {
    enum TranscoderStatus {
        NotRegistered,
        Registered
    }

    enum DelegatorStatus {
        Pending,
        Bonded,
        Unbonded
    }

    /// @notice The transcoder changed its terms.
    event TranscoderUpdate(address indexed transcoder, uint256 rewardCut, uint256 feeShare);

    /// @notice The transcoder will be active from `activationRound` on.
    event TranscoderActivated(address indexed transcoder, uint256 activationRound);

    /// @notice The transcoder will not be active from `deactivationRound` on.
    event TranscoderDeactivated(address indexed transcoder, uint256 deactivationRound);

    /// @notice The transcoder lost `penalty` LPT of its own stake, `finderReward` of it to `finder`.
    event TranscoderSlashed(address indexed transcoder, address finder, uint256 penalty, uint256 finderReward);

    /// @notice The transcoder and its delegators earned `amount` LPT this round.
    event Reward(address indexed transcoder, uint256 amount);

    /// @notice `amount` LPT of the transcoder's reward went to the treasury.
    event TreasuryReward(address indexed transcoder, address treasury, uint256 amount);

    /// @notice `rewardCaller` may call reward for the transcoder; zero means nobody may.
    event RewardCallerSet(address indexed transcoder, address indexed rewardCaller);

    /// @notice The delegator's stake grew or moved; `bondedAmount` is what it is now.
    event Bond(
        address indexed newDelegate,
        address indexed oldDelegate,
        address indexed delegator,
        uint256 additionalAmount,
        uint256 bondedAmount
    );

    /// @notice `amount` left the stake and waits in a lock until `withdrawRound`.
    event Unbond(
        address indexed delegate,
        address indexed delegator,
        uint256 unbondingLockId,
        uint256 amount,
        uint256 withdrawRound
    );

    /// @notice `amount` returned from a lock into the stake.
    event Rebond(address indexed delegate, address indexed delegator, uint256 unbondingLockId, uint256 amount);

    /// @notice `amount` of stake changed hands, through a lock of either party.
    event TransferBond(
        address indexed oldDelegator,
        address indexed newDelegator,
        uint256 oldUnbondingLockId,
        uint256 newUnbondingLockId,
        uint256 amount
    );

    /// @notice `amount` LPT from a lock was paid out.
    event WithdrawStake(address indexed delegator, uint256 unbondingLockId, uint256 amount, uint256 withdrawRound);

    /// @notice `amount` wei of fees was paid to `recipient`.
    event WithdrawFees(address indexed delegator, address recipient, uint256 amount);

    /// @notice Earnings of the rounds `startRound` to `endRound` were added to the delegator's stake and fees.
    event EarningsClaimed(
        address indexed delegate,
        address indexed delegator,
        uint256 rewards,
        uint256 fees,
        uint256 startRound,
        uint256 endRound
    );

    /// @notice Sets how many rounds unbonded stake stays locked. Owner only.
    function setUnbondingPeriod(uint64 _unbondingPeriod) external;

    /// @notice Raises the number of transcoders that can be active. Owner only.
    function setNumActiveTranscoders(uint256 _numActiveTranscoders) external;

    /// @notice Sets the treasury's part of rewards (1e27 = all) from the next round on. Owner only.
    function setTreasuryRewardCutRate(uint256 _cutRate) external;

    /// @notice Sets the treasury balance at which its part of rewards ends; 0 for no limit. Owner only.
    function setTreasuryBalanceCeiling(uint256 _ceiling) external;

    /// @notice Sets the caller's terms, in millionths: the part of rewards it keeps, the part of fees it gives away.
    function transcoder(uint256 _rewardCut, uint256 _feeShare) external;

    /// @notice Like `transcoder`, with a hint for joining the pool.
    function transcoderWithHint(uint256 _rewardCut, uint256 _feeShare, address _newPosPrev, address _newPosNext)
        external;

    /// @notice Bonds `_amount` LPT of the caller to `_to`, with everything already bonded.
    function bond(uint256 _amount, address _to) external;

    /// @notice Like `bond`, with hints for the delegate that loses stake and for the one that gains it.
    function bondWithHint(
        uint256 _amount,
        address _to,
        address _oldDelegateNewPosPrev,
        address _oldDelegateNewPosNext,
        address _currDelegateNewPosPrev,
        address _currDelegateNewPosNext
    ) external;

    /// @notice Bonds `_amount` LPT of the caller as stake of `_owner`; third parties may only add to a delegation.
    function bondForWithHint(
        uint256 _amount,
        address _owner,
        address _to,
        address _oldDelegateNewPosPrev,
        address _oldDelegateNewPosNext,
        address _currDelegateNewPosPrev,
        address _currDelegateNewPosNext
    ) external;

    /// @notice Moves `_amount` from the caller's stake into a lock.
    function unbond(uint256 _amount) external;

    /// @notice Like `unbond`, with a hint for the delegate.
    function unbondWithHint(uint256 _amount, address _newPosPrev, address _newPosNext) external;

    /// @notice Returns the caller's lock to its stake.
    function rebond(uint256 _unbondingLockId) external;

    /// @notice Like `rebond`, with a hint for the delegate.
    function rebondWithHint(uint256 _unbondingLockId, address _newPosPrev, address _newPosNext) external;

    /// @notice Bonds the lock of a caller that has no stake left to `_to`.
    function rebondFromUnbonded(address _to, uint256 _unbondingLockId) external;

    /// @notice Like `rebondFromUnbonded`, with a hint for the delegate.
    function rebondFromUnbondedWithHint(address _to, uint256 _unbondingLockId, address _newPosPrev, address _newPosNext)
        external;

    /// @notice Gives `_amount` of the caller's stake to `_delegator`, bonded to the latter's delegate if it has one.
    function transferBond(
        address _delegator,
        uint256 _amount,
        address _oldDelegateNewPosPrev,
        address _oldDelegateNewPosNext,
        address _newDelegateNewPosPrev,
        address _newDelegateNewPosNext
    ) external;

    /// @notice Pays out a lock whose round has come.
    function withdrawStake(uint256 _unbondingLockId) external;

    /// @notice Pays `_amount` wei of the caller's fees to `_recipient`.
    function withdrawFees(address payable _recipient, uint256 _amount) external;

    /// @notice Adds the caller's earnings to its stake and fees. Claiming before the delegate has called reward
    ///         forfeits this round's reward.
    function claimEarnings(uint256 _endRound) external;

    /// @notice Mints this round's reward for the calling active transcoder and its delegators, once per round.
    function reward() external;

    /// @notice Like `reward`, with a hint for the transcoder.
    function rewardWithHint(address _newPosPrev, address _newPosNext) external;

    /// @notice Lets `_rewardCaller` call reward for the caller; zero takes the right away.
    function setRewardCaller(address _rewardCaller) external;

    /// @notice Calls reward for a transcoder that made the caller its reward caller.
    function rewardForTranscoder(address _transcoder) external;

    /// @notice Like `rewardForTranscoder`, with a hint for the transcoder.
    function rewardForTranscoderWithHint(address _transcoder, address _newPosPrev, address _newPosNext) external;

    /// @notice Writes the account's present stake into the voting history, for accounts older than that history.
    function checkpointBondingState(address _account) external;

    /// @notice Shares `_fees` wei between an active transcoder and its delegators. TicketBroker only.
    function updateTranscoderWithFees(address _transcoder, uint256 _fees, uint256 _round) external;

    /// @notice Takes part of a transcoder's stake. Verifier only.
    /// @param _slashAmount Part of the stake to take, in millionths
    /// @param _finderFee Part of the penalty for `_finder`, in millionths
    function slashTranscoder(address _transcoder, address _finder, uint256 _slashAmount, uint256 _finderFee) external;

    /// @notice Makes the stake planned for the round that begins the current one. RoundsManager only.
    function setCurrentRoundTotalActiveStake() external;

    /// @notice Stake of the delegator including earnings not yet claimed.
    function pendingStake(address _delegator, uint256 _endRound) external view returns (uint256);

    /// @notice Fees of the delegator including earnings not yet claimed, in wei.
    function pendingFees(address _delegator, uint256 _endRound) external view returns (uint256);

    /// @notice Stake of the transcoder with that of its delegators, as it will count in the next round.
    function transcoderTotalStake(address _transcoder) external view returns (uint256);

    /// @notice Whether the account bonds to itself.
    function transcoderStatus(address _transcoder) external view returns (TranscoderStatus);

    /// @notice Whether the account has stake and, if so, whether that counts already.
    function delegatorStatus(address _delegator) external view returns (DelegatorStatus);

    /// @notice The transcoder's terms, rounds and own earnings.
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
        );

    /// @notice The transcoder's earnings record of `_round`.
    function getTranscoderEarningsPoolForRound(address _transcoder, uint256 _round)
        external
        view
        returns (
            uint256 totalStake,
            uint256 transcoderRewardCut,
            uint256 transcoderFeeShare,
            uint256 cumulativeRewardFactor,
            uint256 cumulativeFeeFactor
        );

    /// @notice The delegator's record, without earnings not yet claimed.
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
        );

    /// @notice A delegator's lock; zeros if it does not exist any more.
    function getDelegatorUnbondingLock(address _delegator, uint256 _unbondingLockId)
        external
        view
        returns (uint256 amount, uint256 withdrawRound);

    /// @notice How many transcoders the pool can hold.
    function getTranscoderPoolMaxSize() external view returns (uint256);

    /// @notice How many transcoders the pool holds, i.e. will be active in the next round.
    function getTranscoderPoolSize() external view returns (uint256);

    /// @notice The transcoder with the most stake.
    function getFirstTranscoderInPool() external view returns (address);

    /// @notice The transcoder that follows in order of stake, zero after the last.
    function getNextTranscoderInPool(address _transcoder) external view returns (address);

    /// @notice Stake of all transcoders that are active in this round.
    function getTotalBonded() external view returns (uint256);

    /// @notice Whether the transcoder is active in this round.
    function isActiveTranscoder(address _transcoder) external view returns (bool);

    /// @notice Whether the account bonds to itself.
    function isRegisteredTranscoder(address _transcoder) external view returns (bool);

    /// @notice Whether the lock exists.
    function isValidUnbondingLock(address _delegator, uint256 _unbondingLockId) external view returns (bool);

    /// @notice Rounds that unbonded stake stays locked.
    function unbondingPeriod() external view returns (uint64);

    /// @notice Stake of all transcoders that are active in this round.
    function currentRoundTotalActiveStake() external view returns (uint256);

    /// @notice Stake of all transcoders that will be active in the next round.
    function nextRoundTotalActiveStake() external view returns (uint256);

    /// @notice The treasury's part of rewards in this round (1e27 = all).
    function treasuryRewardCutRate() external view returns (uint256);

    /// @notice The treasury's part of rewards from the next round on.
    function nextRoundTreasuryRewardCutRate() external view returns (uint256);

    /// @notice Treasury balance at which its part of rewards ends; 0 for no limit.
    function treasuryBalanceCeiling() external view returns (uint256);

    /// @notice Who may call reward for the transcoder, zero if nobody.
    function transcoderToRewardCaller(address) external view returns (address);
}
