// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../bridge/arbitrum/IBridge.sol";
import {Ownable} from "../controller/Ownable.sol";

/// @title BridgeStandIn
/// @notice Layer 1 end of a pair of development chains: numbers messages and keeps the ETH that went over.
contract BridgeStandIn is Ownable, IBridge {
    /// @inheritdoc IBridge
    address public override activeOutbox;
    /// @inheritdoc IBridge
    mapping(address => bool) public override allowedInboxes;
    /// @inheritdoc IBridge
    mapping(address => bool) public override allowedOutboxes;
    /// @inheritdoc IBridge
    bytes32[] public override inboxAccs;

    // Owner

    /// @inheritdoc IBridge
    function setInbox(address inbox, bool enabled) external onlyOwner {
        allowedInboxes[inbox] = enabled;
        emit InboxToggle(inbox, enabled);
    }

    /// @inheritdoc IBridge
    function setOutbox(address inbox, bool enabled) external onlyOwner {
        allowedOutboxes[inbox] = enabled;
        emit OutboxToggle(inbox, enabled);
    }

    // Inboxes

    /// @inheritdoc IBridge
    function deliverMessageToInbox(uint8 kind, address sender, bytes32 messageDataHash)
        external
        payable
        returns (uint256 index)
    {
        require(allowedInboxes[msg.sender], "NOT_FROM_INBOX");
        index = inboxAccs.length;
        bytes32 before = index == 0 ? bytes32(0) : inboxAccs[index - 1];
        bytes32 message =
            keccak256(abi.encodePacked(kind, sender, block.number, block.timestamp, index, messageDataHash));
        inboxAccs.push(keccak256(abi.encodePacked(before, message)));
        emit MessageDelivered(index, before, msg.sender, kind, sender, messageDataHash);
    }

    // Outboxes

    /// @inheritdoc IBridge
    function executeCall(address destAddr, uint256 amount, bytes calldata data)
        external
        returns (bool success, bytes memory returnData)
    {
        require(allowedOutboxes[msg.sender], "NOT_FROM_OUTBOX");
        if (data.length > 0) require(destAddr.code.length > 0, "NO_CODE_AT_DEST");
        address outer = activeOutbox;
        activeOutbox = msg.sender;
        (success, returnData) = destAddr.call{value: amount}(data);
        activeOutbox = outer;
        emit BridgeCallTriggered(msg.sender, destAddr, amount, data);
    }

    // Anyone

    /// @inheritdoc IBridge
    function messageCount() external view returns (uint256) {
        return inboxAccs.length;
    }
}
