// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../arbitrum/IBridge.sol";
import {IInbox} from "../arbitrum/IInbox.sol";
import {IOutbox} from "../arbitrum/IOutbox.sol";

/// @title L1ArbitrumMessenger
/// @notice Sends messages to layer 2 and knows which ones come from there.
abstract contract L1ArbitrumMessenger {
    /// @notice Where messages to layer 2 are handed in.
    IInbox public immutable inbox;

    /// @notice A message for `to` on layer 2 was handed in; refunds go to `from`.
    event TxToL2(address indexed from, address indexed to, uint256 indexed seqNum, bytes data);

    modifier onlyL2Counterpart(address l2Counterpart) {
        address bridge = inbox.bridge();
        require(msg.sender == bridge, "NOT_FROM_BRIDGE");
        address l2Sender = IOutbox(IBridge(bridge).activeOutbox()).l2ToL1Sender();
        require(l2Sender == l2Counterpart, "ONLY_COUNTERPART_GATEWAY");
        _;
    }

    constructor(address _inbox) {
        inbox = IInbox(_inbox);
    }

    /// @dev What a message costs, and what it carries.
    struct Ticket {
        uint256 l1CallValue;
        uint256 l2CallValue;
        uint256 maxSubmissionCost;
        uint256 maxGas;
        uint256 gasPriceBid;
    }

    /// @dev Hands in a message that carries no ETH and is paid with all that the caller sent.
    function _sendTxToL2(
        address target,
        address from,
        uint256 maxSubmissionCost,
        uint256 maxGas,
        uint256 gasPriceBid,
        bytes memory data
    ) internal returns (uint256 seqNum) {
        return _sendTxToL2(target, from, Ticket(msg.value, 0, maxSubmissionCost, maxGas, gasPriceBid), data);
    }

    function _sendTxToL2(address target, address from, Ticket memory ticket, bytes memory data)
        internal
        returns (uint256 seqNum)
    {
        seqNum = inbox.createRetryableTicket{value: ticket.l1CallValue}(
            target, ticket.l2CallValue, ticket.maxSubmissionCost, from, from, ticket.maxGas, ticket.gasPriceBid, data
        );
        emit TxToL2(from, target, seqNum, data);
    }
}
