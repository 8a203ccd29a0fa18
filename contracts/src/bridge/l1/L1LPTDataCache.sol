// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBridgedSupply} from "../l2/IBridgedSupply.sol";
import {IL1LPTDataCache} from "./IL1LPTDataCache.sol";
import {L1ArbitrumMessenger} from "./L1ArbitrumMessenger.sol";

/// @title L1LPTDataCache
contract L1LPTDataCache is L1ArbitrumMessenger, IL1LPTDataCache {
    /// @inheritdoc IL1LPTDataCache
    address public immutable override tokenAddr;
    /// @inheritdoc IL1LPTDataCache
    address public immutable override l2LPTDataCacheAddr;

    /// @param _inbox Arbitrum's inbox
    /// @param _tokenAddr LPT on layer 1
    /// @param _l2LPTDataCacheAddr Who is told on layer 2
    constructor(address _inbox, address _tokenAddr, address _l2LPTDataCacheAddr) L1ArbitrumMessenger(_inbox) {
        tokenAddr = _tokenAddr;
        l2LPTDataCacheAddr = _l2LPTDataCacheAddr;
    }

    /// @inheritdoc IL1LPTDataCache
    function cacheTotalSupply(uint256 _maxGas, uint256 _gasPriceBid, uint256 _maxSubmissionCost) external payable {
        (bytes memory data, uint256 totalSupply) = getCacheTotalSupplyData();
        uint256 seqNo = _sendTxToL2(l2LPTDataCacheAddr, msg.sender, _maxSubmissionCost, _maxGas, _gasPriceBid, data);
        emit CacheTotalSupplyInitiated(seqNo, totalSupply);
    }

    /// @inheritdoc IL1LPTDataCache
    function getCacheTotalSupplyData() public view returns (bytes memory data, uint256 totalSupply) {
        totalSupply = IERC20(tokenAddr).totalSupply();
        data = abi.encodeCall(IBridgedSupply.finalizeCacheTotalSupply, (totalSupply));
    }
}
