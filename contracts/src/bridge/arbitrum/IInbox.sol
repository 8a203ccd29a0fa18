// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Where layer 1 hands messages to a chain of the Arbitrum kind
interface IInbox {
    /// @notice Message `messageNum` of the bridge carries `data`.
    event InboxMessageDelivered(uint256 indexed messageNum, bytes data);

    /// @notice Sends a call to layer 2 that can be redeemed again there if it fails.
    /// @dev The attached ETH must be `maxSubmissionCost + arbTxCallValue + maxGas * gasPriceBid`.
    /// @param destAddr Contract to call on layer 2
    /// @param arbTxCallValue Wei that the call carries on layer 2
    /// @param maxSubmissionCost Most that storing the message may cost
    /// @param submissionRefundAddress Who gets on layer 2 what the fees leave over
    /// @param valueRefundAddress Who may cancel the message on layer 2 and then gets its ETH
    /// @param maxGas Gas of the first attempt; none is made if zero
    /// @param gasPriceBid Wei per gas of the first attempt
    /// @param data Call data
    /// @return Number of the message
    function createRetryableTicket(
        address destAddr,
        uint256 arbTxCallValue,
        uint256 maxSubmissionCost,
        address submissionRefundAddress,
        address valueRefundAddress,
        uint256 maxGas,
        uint256 gasPriceBid,
        bytes calldata data
    ) external payable returns (uint256);

    /// @notice Least submission cost of a message with `dataLength` bytes at a base fee; zero stands for the block's.
    function calculateRetryableSubmissionFee(uint256 dataLength, uint256 baseFee) external view returns (uint256);

    /// @notice The bridge that numbers the messages.
    function bridge() external view returns (address);
}
