// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a chain of the Arbitrum kind answers at address 0x64
interface IArbSys {
    /// @notice A message to layer 1 that only carries ETH.
    event EthWithdrawal(address indexed destAddr, uint256 amount);

    /// @notice A message to layer 1.
    event L2ToL1Transaction(
        address caller,
        address indexed destination,
        uint256 indexed uniqueId,
        uint256 indexed batchNumber,
        uint256 indexInBatch,
        uint256 arbBlockNum,
        uint256 ethBlockNum,
        uint256 timestamp,
        uint256 callvalue,
        bytes data
    );

    /// @notice Number of the layer 2 block; `block.number` is that of layer 1.
    function arbBlockNumber() external view returns (uint256);

    /// @notice Chain id of the layer 2 chain.
    function arbChainID() external view returns (uint256);

    /// @notice Version of the chain's system software.
    function arbOSVersion() external pure returns (uint256);

    /// @notice Transactions sent by `account`.
    function getTransactionCount(address account) external view returns (uint256);

    /// @notice Word at `index` in the storage of `account`.
    function getStorageAt(address account, uint256 index) external view returns (uint256);

    /// @notice Whether the caller was called by a transaction directly.
    function isTopLevelCall() external view returns (bool);

    /// @notice Sends `calldataForL1` and the attached ETH to `destination` on layer 1.
    /// @return Unique id of the message
    function sendTxToL1(address destination, bytes calldata calldataForL1) external payable returns (uint256);

    /// @notice Sends the attached ETH to `destination` on layer 1.
    /// @return Unique id of the message
    function withdrawEth(address destination) external payable returns (uint256);
}
