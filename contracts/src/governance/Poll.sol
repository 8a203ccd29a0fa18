// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPoll} from "./IPoll.sol";

/// @title Poll
contract Poll is IPoll {
    /// @inheritdoc IPoll
    uint256 public override endBlock;

    /// @param _endBlock Last block in which one can vote
    constructor(uint256 _endBlock) {
        endBlock = _endBlock;
    }

    /// @inheritdoc IPoll
    function vote(uint256 _choiceID) external {
        require(block.number <= endBlock, "poll is over");
        emit Vote(msg.sender, _choiceID);
    }

    /// @inheritdoc IPoll
    function destroy() external {
        require(block.number > endBlock, "poll is active");
        selfdestruct(payable(msg.sender));
    }
}
