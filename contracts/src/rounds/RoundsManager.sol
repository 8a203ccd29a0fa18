// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../bonding/IBondingManager.sol";
import {ManagerProxyTarget} from "../controller/ManagerProxyTarget.sol";
import {MathUtils} from "../math/MathUtils.sol";
import {IMinter} from "../token/IMinter.sol";
import {IRoundsManager} from "./IRoundsManager.sol";

/// @title RoundsManager
contract RoundsManager is ManagerProxyTarget, IRoundsManager {
    bytes32 private constant BONDING_MANAGER = keccak256("BondingManager");
    bytes32 private constant MINTER = keccak256("Minter");

    /// @inheritdoc IRoundsManager
    uint256 public override roundLength;
    /// @inheritdoc IRoundsManager
    uint256 public override roundLockAmount;
    /// @inheritdoc IRoundsManager
    uint256 public override lastInitializedRound;
    /// @inheritdoc IRoundsManager
    uint256 public override lastRoundLengthUpdateRound;
    /// @inheritdoc IRoundsManager
    uint256 public override lastRoundLengthUpdateStartBlock;

    mapping(uint256 => bytes32) internal _blockHashForRound;

    /// @inheritdoc IRoundsManager
    mapping(uint256 => uint256) public override lipUpgradeRound;

    constructor(address _controller) ManagerProxyTarget(_controller) {}

    // Controller owner

    /// @inheritdoc IRoundsManager
    function setRoundLength(uint256 _roundLength) external onlyControllerOwner {
        require(_roundLength > 0, "round length cannot be 0");

        // The first length also numbers all blocks before it, so that round = block / length from block 0 on.
        bool first = roundLength == 0;
        if (first) roundLength = _roundLength;
        uint256 round = currentRound();
        uint256 startBlock = currentRoundStartBlock();
        lastRoundLengthUpdateRound = round;
        lastRoundLengthUpdateStartBlock = startBlock;
        if (!first) roundLength = _roundLength;

        emit ParameterUpdate("roundLength");
    }

    /// @inheritdoc IRoundsManager
    function setRoundLockAmount(uint256 _roundLockAmount) external onlyControllerOwner {
        require(MathUtils.validPerc(_roundLockAmount), "round lock amount must be a valid percentage");
        roundLockAmount = _roundLockAmount;
        emit ParameterUpdate("roundLockAmount");
    }

    /// @inheritdoc IRoundsManager
    function setLIPUpgradeRound(uint256 _lip, uint256 _round) external onlyControllerOwner {
        require(lipUpgradeRound[_lip] == 0, "LIP upgrade round already set");
        lipUpgradeRound[_lip] = _round;
    }

    // Anyone

    /// @inheritdoc IRoundsManager
    function initializeRound() external whenSystemNotPaused {
        uint256 round = currentRound();
        require(lastInitializedRound < round, "round already initialized");

        lastInitializedRound = round;
        bytes32 roundBlockHash = blockHash(blockNum() - 1);
        _blockHashForRound[round] = roundBlockHash;

        // Stake first: the Minter derives inflation from the stake of the round that begins.
        IBondingManager(_contract(BONDING_MANAGER)).setCurrentRoundTotalActiveStake();
        IMinter(_contract(MINTER)).setCurrentRewardTokens();

        emit NewRound(round, roundBlockHash);
    }

    /// @inheritdoc IRoundsManager
    function blockNum() public view virtual returns (uint256) {
        return block.number;
    }

    /// @inheritdoc IRoundsManager
    function blockHash(uint256 _block) public view virtual returns (bytes32) {
        uint256 current = blockNum();
        require(_block < current, "can only retrieve past block hashes");
        require(current < 256 || _block >= current - 256, "can only retrieve hashes for last 256 blocks");
        return blockhash(_block);
    }

    /// @inheritdoc IRoundsManager
    function blockHashForRound(uint256 _round) external view returns (bytes32) {
        return _blockHashForRound[_round];
    }

    /// @inheritdoc IRoundsManager
    function currentRound() public view returns (uint256) {
        return lastRoundLengthUpdateRound + _roundsSinceUpdate();
    }

    /// @inheritdoc IRoundsManager
    function currentRoundStartBlock() public view returns (uint256) {
        return lastRoundLengthUpdateStartBlock + _roundsSinceUpdate() * roundLength;
    }

    /// @inheritdoc IRoundsManager
    function currentRoundInitialized() external view returns (bool) {
        return lastInitializedRound == currentRound();
    }

    /// @inheritdoc IRoundsManager
    function currentRoundLocked() external view returns (bool) {
        uint256 lockedBlocks = MathUtils.percOf(roundLength, roundLockAmount);
        return blockNum() - currentRoundStartBlock() >= roundLength - lockedBlocks;
    }

    function _roundsSinceUpdate() private view returns (uint256) {
        return (blockNum() - lastRoundLengthUpdateStartBlock) / roundLength;
    }
}
