// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IPriceFeed
/// @notice What is read of a Chainlink price feed.
interface IPriceFeed {
    /// @notice Decimals of the answers.
    function decimals() external view returns (uint8);

    /// @notice The pair, for example "ETH / USD": what one unit of the first costs in the second.
    function description() external view returns (string memory);

    /// @notice The latest answer, with the rounds and times it comes from.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
