// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../bridge/arbitrum/IBridge.sol";
import {IOutbox} from "../bridge/arbitrum/IOutbox.sol";
import {IOutboxStandIn} from "./IOutboxStandIn.sol";

/// @title OutboxStandIn
contract OutboxStandIn is IOutboxStandIn {
    /// @dev Of the message that is being carried out.
    struct Context {
        address sender;
        uint256 l2Block;
        uint256 l1Block;
        uint256 timestamp;
    }

    IBridge private immutable bridge;
    /// @inheritdoc IOutboxStandIn
    address public immutable override poster;
    /// @inheritdoc IOutboxStandIn
    uint256 public immutable override challengePeriod;

    /// @inheritdoc IOutboxStandIn
    bytes32[] public override items;
    /// @inheritdoc IOutboxStandIn
    mapping(uint256 => uint256) public override executableFrom;
    /// @inheritdoc IOutboxStandIn
    mapping(uint256 => bool) public override isSpent;
    Context private context;

    /// @param _bridge Makes the calls and must allow this outbox
    /// @param _poster Makes messages known
    /// @param _challengePeriod Seconds between the posting of a message and its execution
    constructor(address _bridge, address _poster, uint256 _challengePeriod) {
        bridge = IBridge(_bridge);
        poster = _poster;
        challengePeriod = _challengePeriod;
    }

    // Poster

    /// @inheritdoc IOutboxStandIn
    function post(uint256 index, bytes32 item) external {
        if (msg.sender != poster) revert NotPoster();
        if (index != items.length) revert WrongIndex(items.length);
        items.push(item);
        executableFrom[index] = block.timestamp + challengePeriod;
        emit MessagePosted(index, item, executableFrom[index]);
    }

    // Anyone

    /// @inheritdoc IOutboxStandIn
    function executeTransaction(
        bytes32[] calldata,
        uint256 index,
        address l2Sender,
        address to,
        uint256 l2Block,
        uint256 l1Block,
        uint256 l2Timestamp,
        uint256 value,
        bytes calldata data
    ) external {
        _spend(index, calculateItemHash(l2Sender, to, l2Block, l1Block, l2Timestamp, value, data));
        Context memory outer = context;
        context = Context(l2Sender, l2Block, l1Block, l2Timestamp);
        _call(to, value, data);
        context = outer;
        emit OutBoxTransactionExecuted(to, l2Sender, 0, index);
    }

    /// @inheritdoc IOutboxStandIn
    function calculateItemHash(
        address l2Sender,
        address to,
        uint256 l2Block,
        uint256 l1Block,
        uint256 l2Timestamp,
        uint256 value,
        bytes calldata data
    ) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(l2Sender, to, l2Block, l1Block, l2Timestamp, value, data));
    }

    /// @inheritdoc IOutboxStandIn
    function postedCount() external view returns (uint256) {
        return items.length;
    }

    /// @inheritdoc IOutbox
    function l2ToL1Sender() external view returns (address) {
        return context.sender;
    }

    /// @inheritdoc IOutbox
    function l2ToL1Block() external view returns (uint256) {
        return context.l2Block;
    }

    /// @inheritdoc IOutbox
    function l2ToL1EthBlock() external view returns (uint256) {
        return context.l1Block;
    }

    /// @inheritdoc IOutbox
    function l2ToL1Timestamp() external view returns (uint256) {
        return context.timestamp;
    }

    function _spend(uint256 index, bytes32 item) private {
        if (index >= items.length || items[index] != item) revert UnknownMessage(index);
        if (isSpent[index]) revert AlreadySpent(index);
        if (block.timestamp < executableFrom[index]) revert ChallengePeriodNotOver(executableFrom[index]);
        isSpent[index] = true;
    }

    function _call(address to, uint256 value, bytes calldata data) private {
        (bool ok, bytes memory result) = bridge.executeCall(to, value, data);
        if (ok) return;
        if (result.length == 0) revert BridgeCallFailed();
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }
}
