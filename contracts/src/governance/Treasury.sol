// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    TimelockControllerUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/TimelockControllerUpgradeable.sol";

/// @title Treasury
/// @notice Holds what the community owns and carries out what the LivepeerGovernor has decided.
/// @dev No proxy stands before it: whoever calls `initialize` first, at deployment, decides about the roles.
contract Treasury is TimelockControllerUpgradeable {
    /// @notice Sets the roles up, once.
    /// @param minDelay Seconds between queueing and executing
    /// @param proposers Accounts that may queue and cancel
    /// @param executors Accounts that may execute
    /// @param admin Account that may change the roles and should give that right up, zero for none
    function initialize(uint256 minDelay, address[] calldata proposers, address[] calldata executors, address admin)
        external
        initializer
    {
        __TimelockController_init(minDelay, proposers, executors, admin);
    }
}
