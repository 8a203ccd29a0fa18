// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";

/// @title TokenVesting
/// @notice Releases what it holds evenly over time, but nothing before a cliff. Anybody may have it release.
contract TokenVesting is VestingWallet {
    error CliffAfterEnd(uint256 cliff, uint256 end);

    /// @notice Unix time before which nothing is released.
    uint256 public immutable cliff;

    /// @param _beneficiary Who gets the tokens
    /// @param _start Unix time from which they vest
    /// @param _cliffSeconds Seconds from the start before which nothing is released
    /// @param _durationSeconds Seconds from the start after which everything is
    constructor(address _beneficiary, uint64 _start, uint64 _cliffSeconds, uint64 _durationSeconds)
        VestingWallet(_beneficiary, _start, _durationSeconds)
    {
        cliff = uint256(_start) + _cliffSeconds;
        uint256 end = uint256(_start) + _durationSeconds;
        if (cliff > end) revert CliffAfterEnd(cliff, end);
    }

    function _vestingSchedule(uint256 totalAllocation, uint64 timestamp) internal view override returns (uint256) {
        if (timestamp < cliff) return 0;
        // Without this a duration of nothing would divide by zero in the second of the start.
        if (timestamp >= start() + duration()) return totalAllocation;
        return super._vestingSchedule(totalAllocation, timestamp);
    }
}
