// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "./IController.sol";

/// @title A contract that belongs to a Controller
interface IManager {
    /// @notice The contract now answers to another Controller.
    event SetController(address controller);

    /// @notice The parameter named `param` changed; read its getter for the new value.
    event ParameterUpdate(string param);

    /// @notice Makes the contract answer to `_controller`. Only the current Controller may call.
    function setController(address _controller) external;

    /// @notice The Controller that this contract asks for collaborators and for the pause switch.
    function controller() external view returns (IController);
}
