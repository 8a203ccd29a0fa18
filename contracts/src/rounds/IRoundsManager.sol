// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The protocol's clock
/// @notice Rounds are counted in blocks; a round must be initialised before it can be used.
interface IRoundsManager {
    /// @notice `round` was initialised; `blockHash` is the hash that tickets of this round must carry.
    event NewRound(uint256 indexed round, bytes32 blockHash);

    /// @notice Starts the current round. Anyone may call, once per round.
    function initializeRound() external;

    /// @notice Sets the number of blocks in a round, from the current round on. Owner only.
    function setRoundLength(uint256 _roundLength) external;

    /// @notice Sets the part of a round, in millionths, at whose end orchestrators may not change terms. Owner only.
    function setRoundLockAmount(uint256 _roundLockAmount) external;

    /// @notice Records the round from which LIP `_lip` applies; can be set once. Owner only.
    function setLIPUpgradeRound(uint256 _lip, uint256 _round) external;

    /// @notice The block number that rounds are counted in.
    function blockNum() external view returns (uint256);

    /// @notice Hash of `_block`, one of the last 256.
    function blockHash(uint256 _block) external view returns (bytes32);

    /// @notice Hash recorded when `_round` was initialised, zero if it never was.
    function blockHashForRound(uint256 _round) external view returns (bytes32);

    /// @notice Number of the round that the chain is in, initialised or not.
    function currentRound() external view returns (uint256);

    /// @notice First block of the current round.
    function currentRoundStartBlock() external view returns (uint256);

    /// @notice Whether the current round has been initialised.
    function currentRoundInitialized() external view returns (bool);

    /// @notice Whether the current round is in its locked last part.
    function currentRoundLocked() external view returns (bool);

    /// @notice Blocks in a round.
    function roundLength() external view returns (uint256);

    /// @notice Locked part at the end of a round, in millionths.
    function roundLockAmount() external view returns (uint256);

    /// @notice Last round that was initialised.
    function lastInitializedRound() external view returns (uint256);

    /// @notice Round in which the round length last changed.
    function lastRoundLengthUpdateRound() external view returns (uint256);

    /// @notice First block of that round.
    function lastRoundLengthUpdateStartBlock() external view returns (uint256);

    /// @notice Round from which a LIP applies, zero if not recorded.
    function lipUpgradeRound(uint256) external view returns (uint256);
}
