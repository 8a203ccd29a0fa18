// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../bridge/arbitrum/IBridge.sol";
import {IInbox} from "../bridge/arbitrum/IInbox.sol";

/// @title InboxStandIn
/// @notice Takes messages for layer 2 of a pair of development chains; a relayer carries them over.
contract InboxStandIn is IInbox {
    /// @notice The attached ETH does not cover call value and fees.
    error InsufficientValue(uint256 expected, uint256 actual);

    /// @notice The submission cost is below what storing the message costs.
    error InsufficientSubmissionCost(uint256 expected, uint256 actual);

    /// @notice The call data is longer than one layer 2 transaction can write down.
    error DataTooLarge(uint256 dataLength, uint256 maxDataLength);

    /// @dev Arbitrum's number for messages that can be redeemed again.
    uint8 private constant SUBMIT_RETRYABLE = 9;
    uint160 private constant ALIAS_OFFSET = uint160(0x1111000000000000000000000000000000001111);
    uint256 private constant MAX_DATA_LENGTH = 16_384;

    /// @inheritdoc IInbox
    address public immutable override bridge;

    /// @param _bridge Numbers the messages and must allow this inbox
    constructor(address _bridge) {
        bridge = _bridge;
    }

    /// @inheritdoc IInbox
    /// @dev More ETH than needed is taken and refunded on layer 2, as Arbitrum does.
    function createRetryableTicket(
        address destAddr,
        uint256 arbTxCallValue,
        uint256 maxSubmissionCost,
        address submissionRefundAddress,
        address valueRefundAddress,
        uint256 maxGas,
        uint256 gasPriceBid,
        bytes calldata data
    ) external payable returns (uint256) {
        uint256 needed = maxSubmissionCost + arbTxCallValue + maxGas * gasPriceBid;
        if (msg.value < needed) revert InsufficientValue(needed, msg.value);
        uint256 fee = calculateRetryableSubmissionFee(data.length, 0);
        if (maxSubmissionCost < fee) revert InsufficientSubmissionCost(fee, maxSubmissionCost);
        if (data.length > MAX_DATA_LENGTH) revert DataTooLarge(data.length, MAX_DATA_LENGTH);
        return _deliver(
            abi.encodePacked(
                uint256(uint160(destAddr)),
                arbTxCallValue,
                msg.value,
                maxSubmissionCost,
                uint256(uint160(_onLayer2(submissionRefundAddress))),
                uint256(uint160(_onLayer2(valueRefundAddress))),
                maxGas,
                gasPriceBid,
                data.length,
                data
            )
        );
    }

    /// @inheritdoc IInbox
    function calculateRetryableSubmissionFee(uint256 dataLength, uint256 baseFee) public view returns (uint256) {
        return (1_400 + 6 * dataLength) * (baseFee == 0 ? block.basefee : baseFee);
    }

    function _deliver(bytes memory message) private returns (uint256 messageNum) {
        messageNum = IBridge(bridge).deliverMessageToInbox{value: msg.value}(
            SUBMIT_RETRYABLE, _alias(msg.sender), keccak256(message)
        );
        emit InboxMessageDelivered(messageNum, message);
    }

    /// @dev A contract of layer 1 has no power over its address on layer 2, only over its alias.
    function _onLayer2(address account) private view returns (address) {
        return account.code.length > 0 ? _alias(account) : account;
    }

    function _alias(address account) private pure returns (address) {
        unchecked {
            return address(uint160(account) + ALIAS_OFFSET);
        }
    }
}
