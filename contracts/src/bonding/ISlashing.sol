// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title How a registered Verifier reaches the stake of an orchestrator beyond slashTranscoder
/// @notice Nothing here can be called, and nothing here has an effect, where no Verifier is registered.
/// @dev An orchestrator answers with its own stake: what it has bonded, wherever to, and its unbonding locks. Stake that
///      others bond to it is not touched.
interface ISlashing {
    /// @notice The transcoder lost `amount` LPT for a duty not done.
    event TranscoderFined(address indexed transcoder, uint256 amount);

    /// @notice The unbonding lock lost `amount` LPT.
    event UnbondingLockSlashed(address indexed transcoder, uint256 unbondingLockId, uint256 amount);

    /// @notice The account cannot withdraw or transfer stake until it is released.
    event StakeFrozen(address indexed account, uint256 sinceRound);

    /// @notice The account may withdraw and transfer stake again.
    event StakeReleased(address indexed account);

    /// @notice Takes a part of unbonding locks older than the newest ones, which slashTranscoder has reached. The
    ///         caller keeps count of the locks done: calling twice takes twice. Verifier only.
    /// @param _slashAmount Part to take, in millionths
    /// @param _finderFee Part of the penalty for `_finder`, in millionths
    /// @param _firstLockId Oldest lock to look at
    /// @param _endLockId One above the newest lock to look at
    function slashUnbondingLocks(
        address _transcoder,
        address _finder,
        uint256 _slashAmount,
        uint256 _finderFee,
        uint256 _firstLockId,
        uint256 _endLockId
    ) external;

    /// @notice Moves up to `_amount` LPT, but at most half of its bonded stake, from the transcoder to the treasury. The
    ///         transcoder stays in the pool, and nothing is claimed for it. Verifier only.
    /// @return The LPT taken
    function fineTranscoder(address _transcoder, uint256 _amount) external returns (uint256);

    /// @notice Keeps the account from withdrawing and transferring stake. Locks that are unbonding now stay within
    ///         reach even after their withdraw round. Verifier only.
    function freezeStake(address _account) external;

    /// @notice Ends what freezeStake began. Verifier only.
    function releaseStake(address _account) external;

    /// @notice Round since which the registered Verifier has frozen the account's stake, 0 if it has not.
    function stakeFrozenSince(address _account) external view returns (uint256);

    /// @notice Newest unbonding locks that slashTranscoder reaches in one call.
    function locksPerSlash() external pure returns (uint256);
}
