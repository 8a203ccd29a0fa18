// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Percentages in billionths (1e9 = 100 %): what the Minter calculates with
library MathUtilsV2 {
    uint256 internal constant PERC_DIVISOR = 1_000_000_000;

    function validPerc(uint256 amount) internal pure returns (bool) {
        return amount <= PERC_DIVISOR;
    }

    /// @dev Share `fracNum / fracDenom` of `amount`, rounded down twice. Both roundings are part of the protocol.
    function percOf(uint256 amount, uint256 fracNum, uint256 fracDenom) internal pure returns (uint256) {
        return (amount * percPoints(fracNum, fracDenom)) / PERC_DIVISOR;
    }

    function percOf(uint256 amount, uint256 points) internal pure returns (uint256) {
        return (amount * points) / PERC_DIVISOR;
    }

    function percPoints(uint256 fracNum, uint256 fracDenom) internal pure returns (uint256) {
        return (fracNum * PERC_DIVISOR) / fracDenom;
    }
}
