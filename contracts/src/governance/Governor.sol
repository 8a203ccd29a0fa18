// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOwnable} from "../controller/IOwnable.sol";
import {IGovernor} from "./IGovernor.sol";

/// @title Governor
contract Governor is IGovernor {
    /// @inheritdoc IOwnable
    address public override owner;

    /// @inheritdoc IGovernor
    mapping(bytes32 => uint256) public override updates;

    modifier onlyOwner() {
        require(msg.sender == owner, "unauthorized: msg.sender not owner");
        _;
    }

    constructor() {
        owner = msg.sender;
        emit OwnershipTransferred(address(0), msg.sender);
    }

    /// @inheritdoc IOwnable
    /// @dev Only by an update of its own, so that a new owner is announced like any other change.
    function transferOwnership(address newOwner) external {
        require(msg.sender == address(this), "unauthorized: msg.sender not Governor");
        require(newOwner != address(0), "newOwner is a null address");
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }

    /// @inheritdoc IGovernor
    function stage(Update calldata _update, uint256 _delay) external onlyOwner {
        bytes32 updateHash = keccak256(abi.encode(_update));
        require(updates[updateHash] == 0, "update already staged");
        updates[updateHash] = block.number + _delay;
        emit UpdateStaged(_update, _delay);
    }

    /// @inheritdoc IGovernor
    function execute(Update calldata _update) external payable {
        bytes32 updateHash = keccak256(abi.encode(_update));
        require(block.number >= _requireStaged(updateHash), "delay for update not expired");
        // Before the calls, one of which could call back.
        delete updates[updateHash];
        for (uint256 i = 0; i < _update.target.length; i++) {
            (bool ok, bytes memory result) = _update.target[i].call{value: _update.value[i]}(_update.data[i]);
            require(ok, string(result));
        }
        emit UpdateExecuted(_update);
    }

    /// @inheritdoc IGovernor
    function cancel(Update calldata _update) external onlyOwner {
        bytes32 updateHash = keccak256(abi.encode(_update));
        _requireStaged(updateHash);
        delete updates[updateHash];
        emit UpdateCancelled(_update);
    }

    function _requireStaged(bytes32 updateHash) private view returns (uint256 executeBlock) {
        executeBlock = updates[updateHash];
        require(executeBlock != 0, "update is not staged");
    }
}
