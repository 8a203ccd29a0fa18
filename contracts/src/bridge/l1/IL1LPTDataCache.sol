// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Tells layer 2 the total supply on layer 1
interface IL1LPTDataCache {
    /// @notice An update is on its way to layer 2.
    event CacheTotalSupplyInitiated(uint256 seqNo, uint256 totalSupply);

    /// @notice Sends the total supply to layer 2. Anyone may, and pays for the message.
    /// @param _maxGas Gas of the call on layer 2
    /// @param _gasPriceBid Wei per gas on layer 2
    /// @param _maxSubmissionCost Most that storing the message may cost
    function cacheTotalSupply(uint256 _maxGas, uint256 _gasPriceBid, uint256 _maxSubmissionCost) external payable;

    /// @notice Call data of the message, and the supply it tells.
    function getCacheTotalSupplyData() external view returns (bytes memory data, uint256 totalSupply);

    /// @notice LPT on layer 1.
    function tokenAddr() external view returns (address);

    /// @notice Who is told on layer 2.
    function l2LPTDataCacheAddr() external view returns (address);
}
