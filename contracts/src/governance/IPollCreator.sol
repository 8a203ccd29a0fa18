// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../bonding/IBondingManager.sol";

/// @title Starts polls about improvement proposals
interface IPollCreator {
    /// @notice `poll` asks about `proposal` until `endBlock`.
    event PollCreated(address indexed poll, bytes proposal, uint256 endBlock, uint256 quorum, uint256 quota);

    /// @notice Starts a poll. The caller must have a stake, or be backed by one, of `POLL_CREATION_COST`.
    /// @param _proposal IPFS multihash of what is proposed
    function createPoll(bytes calldata _proposal) external;

    /// @notice Part of all stake, in millionths, that must vote.
    function QUORUM() external view returns (uint256);

    /// @notice Part of the votes, in millionths, that must be exceeded by those in favour.
    function QUOTA() external view returns (uint256);

    /// @notice Blocks for which a poll is open.
    function POLL_PERIOD() external view returns (uint256);

    /// @notice LPT base units of stake needed to start a poll. None of it is spent.
    function POLL_CREATION_COST() external view returns (uint256);

    /// @notice Where stakes are read.
    function bondingManager() external view returns (IBondingManager);
}
