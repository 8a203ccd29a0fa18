// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Manager} from "./Manager.sol";

/// @title ManagerProxyTarget
/// @notice Storage shared by a proxy and the code behind it: slot 0 controller, slot 1 targetContractId.
abstract contract ManagerProxyTarget is Manager {
    /// @notice Registry id under which the Controller keeps the code a proxy runs; zero in the target itself.
    bytes32 public targetContractId;

    constructor(address _controller) Manager(_controller) {}
}
