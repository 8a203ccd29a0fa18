// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Stake of a transcoder's delegators who have not migrated yet
interface IDelegatorPool {
    /// @notice `_delegator` got stake and fees.
    event Claimed(address indexed _delegator, uint256 _stake, uint256 _fees);

    /// @notice The pool holds its first stake.
    event DelegatorPoolInitialized(address indexed _bondingManager, address indexed _migrator, uint256 _initialStake);

    /// @notice Takes note of the stake bonded for the pool; the caller becomes its migrator. Once.
    function initialize(address _bondingManager) external;

    /// @notice Gives `_delegator` its part of stake and fees, with what they earned since. Migrator only.
    /// @param _stake What the delegator had on layer 1
    function claim(address _delegator, uint256 _stake) external;

    /// @notice Stake at the start.
    function initialStake() external view returns (uint256);

    /// @notice The part of it that delegators have claimed.
    function claimedInitialStake() external view returns (uint256);

    /// @notice Where the stake is bonded.
    function bondingManager() external view returns (address);

    /// @notice Who says what delegators had.
    function migrator() external view returns (address);
}
