// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOutbox} from "../bridge/arbitrum/IOutbox.sol";

/// @title Messages from layer 2 on layer 1 of a pair of development chains
/// @notice Instead of proofs there is one poster who is trusted; everything else is as with Arbitrum.
interface IOutboxStandIn is IOutbox {
    /// @notice Message `index` is known here and may be carried out from `executableFrom`.
    event MessagePosted(uint256 indexed index, bytes32 item, uint256 executableFrom);

    /// @notice Only the poster may do this.
    error NotPoster();

    /// @notice Messages are posted in order and once; this is the number that comes next.
    error WrongIndex(uint256 expected);

    /// @notice No message with this number and content was posted.
    error UnknownMessage(uint256 index);

    /// @notice The message was carried out already.
    error AlreadySpent(uint256 index);

    /// @notice The message may be carried out from `executableFrom`.
    error ChallengePeriodNotOver(uint256 executableFrom);

    /// @notice The message's call failed without saying why.
    error BridgeCallFailed();

    /// @notice Makes message `index` known, which starts its challenge period. Poster only.
    /// @param item Hash of the message, see `calculateItemHash`
    function post(uint256 index, bytes32 item) external;

    /// @notice Carries a message out after its challenge period; fails as its call fails, and can be tried again then.
    ///         Anyone may.
    /// @param index Number of the message on layer 2
    /// @param l2Sender Who sent it there
    /// @param to Contract to call
    /// @param l2Block Layer 2 block of the sending
    /// @param l1Block Layer 1 block that layer 2 knew of then
    /// @param l2Timestamp Unix time of the sending
    /// @param value Wei that the call carries
    /// @param data Call data
    function executeTransaction(
        bytes32[] calldata proof,
        uint256 index,
        address l2Sender,
        address to,
        uint256 l2Block,
        uint256 l1Block,
        uint256 l2Timestamp,
        uint256 value,
        bytes calldata data
    ) external;

    /// @notice Hash of a message.
    function calculateItemHash(
        address l2Sender,
        address to,
        uint256 l2Block,
        uint256 l1Block,
        uint256 l2Timestamp,
        uint256 value,
        bytes calldata data
    ) external pure returns (bytes32);

    /// @notice Whether a message was carried out.
    function isSpent(uint256 index) external view returns (bool);

    /// @notice Hash of a posted message.
    function items(uint256 index) external view returns (bytes32);

    /// @notice Unix time from which a posted message may be carried out.
    function executableFrom(uint256 index) external view returns (uint256);

    /// @notice Messages posted so far, hence the number of the next.
    function postedCount() external view returns (uint256);

    /// @notice Who makes messages known.
    function poster() external view returns (address);

    /// @notice Seconds between the posting of a message and its execution.
    function challengePeriod() external view returns (uint256);
}
