// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../bonding/IBondingManager.sol";
import {IPollCreator} from "./IPollCreator.sol";
import {Poll} from "./Poll.sol";

/// @title PollCreator
contract PollCreator is IPollCreator {
    /// @inheritdoc IPollCreator
    uint256 public constant override QUORUM = 333_300;
    /// @inheritdoc IPollCreator
    uint256 public constant override QUOTA = 500_000;
    /// @inheritdoc IPollCreator
    /// @dev Ten rounds of the length that rounds had at first. The live network kept it when rounds became longer.
    uint256 public constant override POLL_PERIOD = 10 * 5760;
    /// @inheritdoc IPollCreator
    uint256 public constant override POLL_CREATION_COST = 100 ether;

    /// @inheritdoc IPollCreator
    IBondingManager public override bondingManager;

    constructor(address _bondingManagerAddr) {
        bondingManager = IBondingManager(_bondingManagerAddr);
    }

    /// @inheritdoc IPollCreator
    function createPoll(bytes calldata _proposal) external {
        require(
            bondingManager.pendingStake(msg.sender, 0) >= POLL_CREATION_COST
                || bondingManager.transcoderTotalStake(msg.sender) >= POLL_CREATION_COST,
            "PollCreator#createPoll: INSUFFICIENT_STAKE"
        );
        uint256 endBlock = block.number + POLL_PERIOD;
        Poll poll = new Poll(endBlock);
        emit PollCreated(address(poll), _proposal, endBlock, QUORUM, QUOTA);
    }
}
