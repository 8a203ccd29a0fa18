// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "./IController.sol";
import {IManager} from "./IManager.sol";

/// @title Manager
/// @notice Base of every protocol contract: knows its Controller (always slot 0).
contract Manager is IManager {
    /// @inheritdoc IManager
    IController public override controller;

    modifier onlyController() {
        require(msg.sender == address(controller), "caller must be Controller");
        _;
    }

    modifier onlyControllerOwner() {
        require(msg.sender == controller.owner(), "caller must be Controller owner");
        _;
    }

    modifier whenSystemNotPaused() {
        _requireSystemNotPaused();
        _;
    }

    constructor(address _controller) {
        controller = IController(_controller);
    }

    /// @inheritdoc IManager
    function setController(address _controller) external onlyController {
        controller = IController(_controller);
        emit SetController(_controller);
    }

    function _requireSystemNotPaused() internal view {
        require(!controller.paused(), "system is paused");
    }

    /// @dev Collaborators are looked up on every call, so that replacing one needs a single registry write.
    function _contract(bytes32 id) internal view returns (address) {
        return controller.getContract(id);
    }
}
