// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AliasedSenderStandIn} from "./AliasedSenderStandIn.sol";
import {IRetryables} from "./IRetryables.sol";

/// @title RetryablesStandIn
/// @notice Code for address 0x6e of a development chain: what Arbitrum does with messages from layer 1.
/// @dev Installed with anvil_setCode, hence no constructor: the relayer is written to slot 0 with anvil_setStorageAt.
///      Layer 2 gas costs nothing here, so all of a deposit above the call value is refunded.
contract RetryablesStandIn is IRetryables {
    struct Ticket {
        address aliasedSender;
        address to;
        address beneficiary;
        uint256 callValue;
        uint256 timeout;
        bytes data;
    }

    uint256 private constant LIFETIME = 7 days;

    /// @dev More would leave no room in a block of 30 million gas for writing the message down.
    uint256 private constant MAX_FIRST_ATTEMPT = 10_000_000;

    /// @inheritdoc IRetryables
    address public override relayer;
    /// @inheritdoc IRetryables
    uint256 public override delivered;
    /// @inheritdoc IRetryables
    bytes32 public override inboxAcc;
    mapping(bytes32 => Ticket) private tickets;

    // Relayer

    /// @inheritdoc IRetryables
    function deliver(uint256 messageNum, bytes32 _inboxAcc, Message calldata message) external payable {
        if (msg.sender != relayer) revert NotRelayer();
        if (messageNum != delivered) revert WrongMessageNumber(delivered);
        if (msg.value != message.deposit || message.callValue > message.deposit) revert WrongDeposit();
        // A call to an empty account succeeds, and the message would be lost.
        if (message.aliasedSender.code.length == 0) revert NoAliasedSender(message.aliasedSender);
        delivered = messageNum + 1;
        inboxAcc = _inboxAcc;

        bytes32 ticketId = ticketIdOf(messageNum);
        tickets[ticketId] = Ticket(
            message.aliasedSender,
            message.to,
            message.beneficiary,
            message.callValue,
            block.timestamp + LIFETIME,
            message.data
        );
        emit TicketCreated(ticketId);
        _give(message.feeRefundAddress, message.deposit - message.callValue);
        if (message.maxGas > 0) _attemptFirst(ticketId, message.maxGas, message.data.length);
    }

    // The beneficiary

    /// @inheritdoc IRetryables
    function cancel(bytes32 ticketId) external {
        address beneficiary = _waiting(ticketId).beneficiary;
        if (msg.sender != beneficiary) revert NotBeneficiary();
        _refund(ticketId);
        emit Canceled(ticketId);
    }

    // Anyone

    /// @inheritdoc IRetryables
    function redeem(bytes32 ticketId) external {
        _execute(ticketId, type(uint256).max);
    }

    /// @inheritdoc IRetryables
    function keepalive(bytes32 ticketId) external returns (uint256) {
        Ticket storage ticket = _waiting(ticketId);
        if (ticket.timeout > block.timestamp + LIFETIME) revert TooFarInTheFuture();
        ticket.timeout += LIFETIME;
        emit LifetimeExtended(ticketId, ticket.timeout);
        return ticket.timeout;
    }

    /// @inheritdoc IRetryables
    function expire(bytes32 ticketId) external {
        uint256 timeout = tickets[ticketId].timeout;
        if (timeout == 0) revert NoTicketWithID();
        if (block.timestamp <= timeout) revert NotExpired(timeout);
        _refund(ticketId);
        emit Expired(ticketId);
    }

    /// @inheritdoc IRetryables
    function getTimeout(bytes32 ticketId) external view returns (uint256) {
        return _waiting(ticketId).timeout;
    }

    /// @inheritdoc IRetryables
    function getBeneficiary(bytes32 ticketId) external view returns (address) {
        return _waiting(ticketId).beneficiary;
    }

    /// @inheritdoc IRetryables
    function getLifetime() external pure returns (uint256) {
        return LIFETIME;
    }

    /// @inheritdoc IRetryables
    function ticketIdOf(uint256 messageNum) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, messageNum));
    }

    /// @notice Makes the call of a message with at most `gasLimit` gas. Only this contract itself, so that a failure
    ///         undoes everything of the attempt and nothing else.
    function attempt(bytes32 ticketId, uint256 gasLimit) external {
        require(msg.sender == address(this), "RetryablesStandIn: redeem instead");
        _execute(ticketId, gasLimit);
    }

    function _execute(bytes32 ticketId, uint256 gasLimit) private {
        Ticket memory ticket = _waiting(ticketId);
        // Gone before the call, so that the call cannot redeem it a second time.
        delete tickets[ticketId];
        bytes memory data = abi.encodeCall(AliasedSenderStandIn.relay, (ticket.to, ticket.data));
        // The alias passes on all but a 64th.
        uint256 limit = gasLimit == type(uint256).max ? gasleft() : gasLimit + gasLimit / 63 + 10_000;
        (bool ok, bytes memory result) = ticket.aliasedSender.call{value: ticket.callValue, gas: limit}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(result, 32), mload(result))
            }
        }
        emit Redeemed(ticketId);
    }

    function _attemptFirst(bytes32 ticketId, uint256 maxGas, uint256 dataLength) private {
        uint256 gasLimit = maxGas < MAX_FIRST_ATTEMPT ? maxGas : MAX_FIRST_ATTEMPT;
        // Reading the message, deleting it and the hops take gas of their own.
        uint256 limit = gasLimit + gasLimit / 30 + 150_000 + 200 * dataLength;
        if (gasleft() < limit + limit / 60 + 50_000) revert NotEnoughGas();
        bytes memory data = abi.encodeCall(this.attempt, (ticketId, gasLimit));
        bytes memory reason;
        bool ok;
        // By hand, because a failing call must not be able to fill this transaction's memory with its reason.
        assembly ("memory-safe") {
            ok := call(limit, address(), 0, add(data, 32), mload(data), 0, 0)
            let size := returndatasize()
            if gt(size, 1024) { size := 1024 }
            reason := mload(0x40)
            mstore(0x40, add(reason, 1056))
            mstore(reason, size)
            returndatacopy(add(reason, 32), 0, size)
        }
        if (!ok) emit FirstAttemptFailed(ticketId, reason);
    }

    function _refund(bytes32 ticketId) private {
        Ticket storage ticket = tickets[ticketId];
        (address beneficiary, uint256 value) = (ticket.beneficiary, ticket.callValue);
        delete tickets[ticketId];
        _give(beneficiary, value);
    }

    function _waiting(bytes32 ticketId) private view returns (Ticket storage ticket) {
        ticket = tickets[ticketId];
        if (ticket.timeout < block.timestamp) revert NoTicketWithID();
    }

    /// @dev As Arbitrum credits it: without running the receiver's code, which might refuse. The code that is created
    ///      here is PUSH20 receiver, SELFDESTRUCT.
    function _give(address receiver, uint256 amount) private {
        if (amount == 0) return;
        bytes memory code = abi.encodePacked(hex"73", receiver, hex"ff");
        assembly ("memory-safe") {
            if iszero(create(amount, add(code, 32), mload(code))) { revert(0, 0) }
        }
    }
}
