// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Where messages of a chain of the Arbitrum kind are carried out on layer 1
interface IOutbox {
    /// @notice A message was carried out.
    event OutBoxTransactionExecuted(
        address indexed destAddr, address indexed l2Sender, uint256 indexed outboxEntryIndex, uint256 transactionIndex
    );

    /// @notice Who sent the message on layer 2 that is being carried out right now, else zero.
    function l2ToL1Sender() external view returns (address);

    /// @notice Layer 2 block of that message.
    function l2ToL1Block() external view returns (uint256);

    /// @notice Layer 1 block that layer 2 knew of when it was sent.
    function l2ToL1EthBlock() external view returns (uint256);

    /// @notice Unix time when it was sent.
    function l2ToL1Timestamp() external view returns (uint256);
}
