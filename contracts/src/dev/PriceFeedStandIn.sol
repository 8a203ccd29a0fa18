// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceFeed} from "./IPriceFeed.sol";

/// @title PriceFeedStandIn
/// @notice A price feed for development chains: its owner says the price.
contract PriceFeedStandIn is IPriceFeed {
    error NotOwner();

    address private immutable owner;
    /// @inheritdoc IPriceFeed
    uint8 public immutable override decimals;
    /// @inheritdoc IPriceFeed
    string public override description;
    uint80 private round;
    int256 private answer;
    uint256 private updatedAt;

    /// @param _description The pair, for example "ETH / USD"
    /// @param _decimals Decimals of the answers
    constructor(string memory _description, uint8 _decimals) {
        owner = msg.sender;
        description = _description;
        decimals = _decimals;
    }

    /// @notice Begins a round with this answer.
    function setAnswer(int256 _answer) external {
        if (msg.sender != owner) revert NotOwner();
        round++;
        answer = _answer;
        updatedAt = block.timestamp;
    }

    /// @inheritdoc IPriceFeed
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (round, answer, updatedAt, updatedAt, round);
    }
}
