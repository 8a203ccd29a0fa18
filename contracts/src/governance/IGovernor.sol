// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOwnable} from "../controller/IOwnable.sol";

/// @title Owner of the protocol: makes changes in the open, after a delay
/// @notice The owner stages a list of calls; anybody may execute it once its delay has passed.
interface IGovernor is IOwnable {
    /// @notice Calls that are made together or not at all.
    struct Update {
        /// Contracts to call, in this order
        address[] target;
        /// Wei to send along with each call
        uint256[] value;
        /// Call data of each call
        bytes[] data;
        /// Tells updates with the same calls apart
        uint256 nonce;
    }

    /// @notice `update` can be executed in `delay` blocks.
    event UpdateStaged(Update update, uint256 delay);

    /// @notice `update` was executed.
    event UpdateExecuted(Update update);

    /// @notice `update` will not be executed.
    event UpdateCancelled(Update update);

    /// @notice Announces `_update`, which can be executed in `_delay` blocks. Owner only.
    function stage(Update calldata _update, uint256 _delay) external;

    /// @notice Makes the calls of a staged update whose delay has passed; one that fails undoes all.
    /// @dev What a failed call returned is given back as the reason.
    function execute(Update calldata _update) external payable;

    /// @notice Takes a staged update back. Owner only.
    function cancel(Update calldata _update) external;

    /// @notice Block from which the update with this hash can be executed, zero if it is not staged.
    function updates(bytes32 updateHash) external view returns (uint256);
}
