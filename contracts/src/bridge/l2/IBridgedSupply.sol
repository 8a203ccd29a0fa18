// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the bridge tells layer 2 about the supply on layer 1
interface IBridgedSupply {
    /// @notice The total supply on layer 1 was updated.
    event CacheTotalSupplyFinalized(uint256 totalSupply);

    /// @notice Updates now come from another layer 1 contract.
    event L1LPTDataCacheUpdate(address _l1LPTDataCache);

    /// @notice Transfers are now counted by another gateway.
    event L2LPTGatewayUpdate(address _l2LPTGateway);

    /// @notice Sets the layer 1 contract that sends updates. Owner only.
    function setL1LPTDataCache(address _l1LPTDataCache) external;

    /// @notice Sets the gateway. Owner only.
    function setL2LPTGateway(address _l2LPTGateway) external;

    /// @notice Counts a deposit. Gateway only.
    function increaseL2SupplyFromL1(uint256 _amount) external;

    /// @notice Counts a withdrawal. Gateway only.
    function decreaseL2SupplyFromL1(uint256 _amount) external;

    /// @notice Takes the total supply on layer 1. Only by a message of the layer 1 contract.
    function finalizeCacheTotalSupply(uint256 _totalSupply) external;

    /// @notice Total supply on layer 1 at the last update, the escrow included.
    function l1TotalSupply() external view returns (uint256);

    /// @notice Tokens on layer 2 that came from layer 1, hence lie in the escrow.
    function l2SupplyFromL1() external view returns (uint256);

    /// @notice The layer 1 contract that sends updates.
    function l1LPTDataCache() external view returns (address);

    /// @notice The gateway that counts transfers.
    function l2LPTGateway() external view returns (address);
}
