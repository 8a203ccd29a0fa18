// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2LPTDataCache} from "../token/IL2LPTDataCache.sol";

/// @title StandaloneL2LPTDataCache
/// @notice The supply cache of a network that has no layer 1: every token is on this chain.
contract StandaloneL2LPTDataCache is IL2LPTDataCache {
    /// @inheritdoc IL2LPTDataCache
    uint256 public constant override l1CirculatingSupply = 0;
}
