// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IL2LPTDataCache} from "../../token/IL2LPTDataCache.sol";
import {IBridgedSupply} from "./IBridgedSupply.sol";
import {L2ArbitrumMessenger} from "./L2ArbitrumMessenger.sol";

/// @title L2LPTDataCache
/// @notice Tells the Minter how much LPT is on layer 1, from updates that anybody may send from there.
contract L2LPTDataCache is Ownable, L2ArbitrumMessenger, IL2LPTDataCache, IBridgedSupply {
    /// @inheritdoc IBridgedSupply
    address public override l1LPTDataCache;
    /// @inheritdoc IBridgedSupply
    address public override l2LPTGateway;
    /// @inheritdoc IBridgedSupply
    uint256 public override l1TotalSupply;
    /// @inheritdoc IBridgedSupply
    uint256 public override l2SupplyFromL1;

    modifier onlyL2LPTGateway() {
        require(msg.sender == l2LPTGateway, "NOT_L2_LPT_GATEWAY");
        _;
    }

    // Owner

    /// @inheritdoc IBridgedSupply
    function setL1LPTDataCache(address _l1LPTDataCache) external onlyOwner {
        l1LPTDataCache = _l1LPTDataCache;
        emit L1LPTDataCacheUpdate(_l1LPTDataCache);
    }

    /// @inheritdoc IBridgedSupply
    function setL2LPTGateway(address _l2LPTGateway) external onlyOwner {
        l2LPTGateway = _l2LPTGateway;
        emit L2LPTGatewayUpdate(_l2LPTGateway);
    }

    // Gateway

    /// @inheritdoc IBridgedSupply
    function increaseL2SupplyFromL1(uint256 _amount) external onlyL2LPTGateway {
        l2SupplyFromL1 += _amount;
    }

    /// @inheritdoc IBridgedSupply
    /// @dev More may go back than came, because rewards are minted on layer 2.
    function decreaseL2SupplyFromL1(uint256 _amount) external onlyL2LPTGateway {
        l2SupplyFromL1 = _difference(l2SupplyFromL1, _amount);
    }

    // The layer 1 contract

    /// @inheritdoc IBridgedSupply
    function finalizeCacheTotalSupply(uint256 _totalSupply) external onlyL1Counterpart(l1LPTDataCache) {
        l1TotalSupply = _totalSupply;
        emit CacheTotalSupplyFinalized(_totalSupply);
    }

    // Anyone

    /// @inheritdoc IL2LPTDataCache
    function l1CirculatingSupply() external view returns (uint256) {
        return _difference(l1TotalSupply, l2SupplyFromL1);
    }

    function _difference(uint256 a, uint256 b) private pure returns (uint256) {
        unchecked {
            return a > b ? a - b : 0;
        }
    }
}
