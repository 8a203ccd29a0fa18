// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOwnable} from "./IOwnable.sol";

/// @title Ownable
/// @dev Reverts without a reason, as the deployed Controller and faucet do; OpenZeppelin's Ownable would not.
abstract contract Ownable is IOwnable {
    /// @inheritdoc IOwnable
    address public override owner;

    modifier onlyOwner() {
        require(msg.sender == owner);
        _;
    }

    constructor() {
        owner = msg.sender;
    }

    /// @inheritdoc IOwnable
    function transferOwnership(address newOwner) external onlyOwner {
        require(newOwner != address(0));
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
    }
}
