// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Voting power from stake, by round
/// @notice Looks like a votes token (ERC-5805) whose clock counts rounds, so that governance can read past stakes.
///         The power of a transcoder is all stake bonded to it; a delegator's is its own stake with its rewards.
/// @dev Checkpoints are written by the BondingManager and take effect at the start of the next round.
interface IBondingVotes {
    error InvalidCaller(address caller, address required);
    error InvalidStartRound(uint256 checkpointRound, uint256 requiredRound);
    error FutureLastClaimRound(uint256 lastClaimRound, uint256 maxAllowed);
    error InvalidTotalStakeCheckpointRound(uint256 checkpointRound, uint256 requiredRound);
    error FutureLookup(uint256 queryRound, uint256 maxAllowed);
    error MissingEarningsPool(address transcoder, uint256 round);
    error MustCallBondingManager(string bondingManagerFunction);

    /// @notice The delegator bonds to another delegate.
    event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);

    /// @notice The stake bonded to a transcoder changed.
    event DelegateVotesChanged(address indexed delegate, uint256 previousBalance, uint256 newBalance);

    /// @notice The account's own stake, or the round up to which it includes rewards, changed.
    event DelegatorBondedAmountChanged(
        address indexed delegate,
        uint256 previousBondedAmount,
        uint256 previousLastClaimRound,
        uint256 newBondedAmount,
        uint256 newLastClaimRound
    );

    /// @notice Records an account's state as of `_startRound`, which must be the next round. BondingManager only.
    function checkpointBondingState(
        address _account,
        uint256 _startRound,
        uint256 _bondedAmount,
        address _delegateAddress,
        uint256 _delegatedAmount,
        uint256 _lastClaimRound,
        uint256 _lastRewardRound
    ) external;

    /// @notice Records the active stake of a round that begins. BondingManager only.
    function checkpointTotalActiveStake(uint256 _totalStake, uint256 _round) external;

    /// @notice Delegating is bonding: always fails.
    function delegate(address) external;

    /// @notice Delegating is bonding: always fails.
    function delegateBySig(address, uint256, uint256, uint8, bytes32, bytes32) external;

    /// @notice Name of the voting power.
    function name() external view returns (string memory);

    /// @notice Symbol of the voting power.
    function symbol() external view returns (string memory);

    /// @notice Decimals of the voting power.
    function decimals() external view returns (uint8);

    /// @notice The current round.
    function clock() external view returns (uint48);

    /// @notice Describes the clock, after ERC-6372.
    function CLOCK_MODE() external view returns (string memory);

    /// @notice All voting power, as of the next round.
    function totalSupply() external view returns (uint256);

    /// @notice All voting power at the end of `_round`.
    function getPastTotalSupply(uint256 _round) external view returns (uint256);

    /// @notice Active stake in `_round`, which may be the next one at most.
    function getTotalActiveStakeAt(uint256 _round) external view returns (uint256);

    /// @notice The account's voting power as of the next round.
    function getVotes(address _account) external view returns (uint256);

    /// @notice The account's voting power at the end of `_round`.
    function getPastVotes(address _account, uint256 _round) external view returns (uint256);

    /// @notice The account's delegate as of the next round.
    function delegates(address _account) external view returns (address);

    /// @notice The account's delegate at the end of `_round`.
    function delegatedAt(address _account, uint256 _round) external view returns (address);

    /// @notice The account's voting power and delegate at the start of `_round`, which may be the next one at most.
    function getVotesAndDelegateAtRoundStart(address _account, uint256 _round)
        external
        view
        returns (uint256 votes, address delegateAddress);

    /// @notice Whether the account has a voting history; without one it has no power.
    function hasCheckpoint(address _account) external view returns (bool);
}
