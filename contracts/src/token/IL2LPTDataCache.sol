// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What layer 2 knows about the token supply on layer 1
interface IL2LPTDataCache {
    /// @notice Tokens that circulate on layer 1, i.e. outside the bridge's escrow.
    function l1CirculatingSupply() external view returns (uint256);
}
