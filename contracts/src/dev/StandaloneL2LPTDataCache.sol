// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2LPTDataCache} from "../token/IL2LPTDataCache.sol";

/// @title StandaloneL2LPTDataCache
/// @notice The supply cache of a network that has no layer 1: every token is on this chain.
contract StandaloneL2LPTDataCache is IL2LPTDataCache {
    /// @inheritdoc IL2LPTDataCache
    function l1CirculatingSupply() external pure returns (uint256) {
        return 0;
    }
}
