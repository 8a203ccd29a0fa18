// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Percentages in millionths (1e6 = 100 %): reward cut, fee share, round lock, slashing
library MathUtils {
    uint256 internal constant PERC_DIVISOR = 1_000_000;

    function validPerc(uint256 amount) internal pure returns (bool) {
        return amount <= PERC_DIVISOR;
    }

    function percOf(uint256 amount, uint256 points) internal pure returns (uint256) {
        return (amount * points) / PERC_DIVISOR;
    }
}
