// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Layer 1 end of a chain of the Arbitrum kind: keeps its ETH and the order of messages
interface IBridge {
    /// @notice A message went into the queue to layer 2.
    event MessageDelivered(
        uint256 indexed messageIndex,
        bytes32 indexed beforeInboxAcc,
        address inbox,
        uint8 kind,
        address sender,
        bytes32 messageDataHash
    );

    /// @notice A message from layer 2 was carried out.
    event BridgeCallTriggered(address indexed outbox, address indexed destAddr, uint256 amount, bytes data);

    /// @notice An inbox may now queue messages, or no more.
    event InboxToggle(address indexed inbox, bool enabled);

    /// @notice An outbox may now carry out messages, or no more.
    event OutboxToggle(address indexed outbox, bool enabled);

    /// @notice Queues a message and takes its ETH. Allowed inboxes only.
    /// @return Number of the message
    function deliverMessageToInbox(uint8 kind, address sender, bytes32 messageDataHash)
        external
        payable
        returns (uint256);

    /// @notice Calls `destAddr` with `amount` wei. Allowed outboxes only.
    function executeCall(address destAddr, uint256 amount, bytes calldata data)
        external
        returns (bool success, bytes memory returnData);

    /// @notice Allows an inbox, or no more. Owner only.
    function setInbox(address inbox, bool enabled) external;

    /// @notice Allows an outbox, or no more. Owner only.
    function setOutbox(address inbox, bool enabled) external;

    /// @notice The outbox whose message is being carried out right now, else zero.
    function activeOutbox() external view returns (address);

    /// @notice Whether an inbox may queue messages.
    function allowedInboxes(address inbox) external view returns (bool);

    /// @notice Whether an outbox may carry out messages.
    function allowedOutboxes(address outbox) external view returns (bool);

    /// @notice Hash over all messages up to the one with this number.
    function inboxAccs(uint256 index) external view returns (bytes32);

    /// @notice Messages queued so far.
    function messageCount() external view returns (uint256);
}
