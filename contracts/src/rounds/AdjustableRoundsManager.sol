// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundsManager} from "./RoundsManager.sol";

/// @title AdjustableRoundsManager
/// @notice A RoundsManager whose block number and block hash are set by anyone: for tests only.
contract AdjustableRoundsManager is RoundsManager {
    /// @notice Block number that rounds are counted in.
    uint256 public num;

    /// @notice Hash that every block has.
    bytes32 public hash;

    constructor(address _controller) RoundsManager(_controller) {}

    /// @notice Sets the block number.
    function setBlockNum(uint256 _num) external {
        num = _num;
    }

    /// @notice Sets the hash that every block has.
    function setBlockHash(bytes32 _hash) external {
        hash = _hash;
    }

    /// @notice Adds `_blocks` to the block number.
    function mineBlocks(uint256 _blocks) external {
        num += _blocks;
    }

    /// @inheritdoc RoundsManager
    function blockNum() public view override returns (uint256) {
        return num;
    }

    /// @inheritdoc RoundsManager
    function blockHash(uint256 _block) public view override returns (bytes32) {
        require(num < 256 || _block >= num - 256, "can only retrieve hashes for last 256 blocks");
        return hash;
    }
}
