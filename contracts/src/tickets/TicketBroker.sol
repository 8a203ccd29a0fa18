// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ITicketBroker} from "./ITicketBroker.sol";
import {Reserves} from "./Reserves.sol";
import {Senders} from "./Senders.sol";

/// @title TicketBroker
/// @dev Split over three files: Reserves, Senders (money in and out), and here the redeeming of tickets.
contract TicketBroker is Senders {
    /// @inheritdoc ITicketBroker
    mapping(bytes32 => bool) public override usedTickets;
    /// @inheritdoc ITicketBroker
    uint256 public override ticketValidityPeriod;

    constructor(address _controller) Reserves(_controller) {}

    /// @inheritdoc ITicketBroker
    function setTicketValidityPeriod(uint256 _ticketValidityPeriod) external onlyControllerOwner {
        require(_ticketValidityPeriod > 0, "ticketValidityPeriod must be greater than 0");
        ticketValidityPeriod = _ticketValidityPeriod;
        emit ParameterUpdate("ticketValidityPeriod");
    }

    /// @inheritdoc ITicketBroker
    function redeemWinningTicket(Ticket calldata _ticket, bytes calldata _sig, uint256 _recipientRand) external {
        uint256 round = _requireUsableRound();
        uint256 creationRound = _requireValidAuxData(_ticket, round);
        bytes32 ticketHash = _requireWinningTicket(_ticket, _sig, _recipientRand);

        _requireSolventSender(_ticket.sender, round);

        usedTickets[ticketHash] = true;
        uint256 paid = _charge(_ticket, round);
        if (paid > 0) {
            _bondingManager().updateTranscoderWithFees(_ticket.recipient, paid, creationRound);
            emit WinningTicketTransfer(_ticket.sender, _ticket.recipient, paid);
        }
        emit WinningTicketRedeemed(
            _ticket.sender,
            _ticket.recipient,
            _ticket.faceValue,
            _ticket.winProb,
            _ticket.senderNonce,
            _recipientRand,
            _ticket.auxData
        );
    }

    /// @inheritdoc ITicketBroker
    function batchRedeemWinningTickets(
        Ticket[] calldata _tickets,
        bytes[] calldata _sigs,
        uint256[] calldata _recipientRands
    ) external {
        _requireUsableRound();
        for (uint256 i = 0; i < _tickets.length; i++) {
            bytes memory call = abi.encodeCall(this.redeemWinningTicket, (_tickets[i], _sigs[i], _recipientRands[i]));
            // A call to ourselves confines a failure to its ticket: one bad ticket must not spoil the others.
            (bool redeemed,) = address(this).call(call);
            redeemed;
        }
    }

    /// @inheritdoc ITicketBroker
    function getTicketHash(Ticket calldata _ticket) public pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                _ticket.recipient,
                _ticket.sender,
                _ticket.faceValue,
                _ticket.winProb,
                _ticket.senderNonce,
                _ticket.recipientRandHash,
                _ticket.auxData
            )
        );
    }

    /// @dev Returns the current round, which must have been initialised.
    function _requireUsableRound() private view returns (uint256) {
        _requireSystemNotPaused();
        require(_roundsManager().currentRoundInitialized(), "current round is not initialized");
        return _roundsManager().currentRound();
    }

    /// @dev Ties the ticket to a round that existed when it was made and that is not too long ago.
    function _requireValidAuxData(Ticket calldata ticket, uint256 round) private view returns (uint256 creationRound) {
        require(ticket.recipient != address(0), "ticket recipient is null address");
        require(ticket.sender != address(0), "ticket sender is null address");
        require(ticket.auxData.length == 64, "invalid length for ticket auxData: must be 64 bytes");

        bytes32 creationRoundBlockHash;
        (creationRound, creationRoundBlockHash) = abi.decode(ticket.auxData, (uint256, bytes32));
        bytes32 roundBlockHash = _roundsManager().blockHashForRound(creationRound);
        require(roundBlockHash != bytes32(0), "ticket creationRound does not have a block hash");
        require(creationRoundBlockHash == roundBlockHash, "ticket creationRoundBlockHash invalid for creationRound");
        require(creationRound + ticketValidityPeriod > round, "ticket is expired");
    }

    /// @dev Neither party can choose the draw: it takes the sender's signature and the recipient's secret.
    function _requireWinningTicket(Ticket calldata ticket, bytes calldata sig, uint256 recipientRand)
        private
        view
        returns (bytes32 ticketHash)
    {
        require(
            keccak256(abi.encodePacked(recipientRand)) == ticket.recipientRandHash,
            "recipientRand does not match recipientRandHash"
        );
        ticketHash = getTicketHash(ticket);
        require(!usedTickets[ticketHash], "ticket is used");

        // The short form of a signature would hash differently below and so be a second draw for the same ticket.
        require(sig.length == 65, "INVALID_SIGNATURE_LENGTH");
        require(
            ECDSA.recover(ECDSA.toEthSignedMessageHash(ticketHash), sig) == ticket.sender,
            "invalid signature over ticket hash"
        );
        require(uint256(keccak256(abi.encodePacked(sig, recipientRand))) < ticket.winProb, "ticket did not win");
    }

    function _requireSolventSender(address account, uint256 round) private view {
        Sender storage sender = senders[account];
        uint256 withdrawRound = sender.withdrawRound;
        require(withdrawRound == 0 || round < withdrawRound, "sender is unlocked");
        require(sender.deposit > 0 || reserves[account].funds > 0, "sender deposit and reserve are zero");
    }

    /// @dev Takes the ticket's face value from the sender: from the deposit, what is missing from the reserve.
    /// @return Wei taken, less than the face value if both are used up
    function _charge(Ticket calldata ticket, uint256 round) private returns (uint256) {
        Sender storage sender = senders[ticket.sender];
        uint256 deposit = sender.deposit;
        uint256 faceValue = ticket.faceValue;
        if (faceValue <= deposit) {
            sender.deposit = deposit - faceValue;
            return faceValue;
        }
        sender.deposit = 0;
        return deposit + _claimFromReserve(ticket.sender, ticket.recipient, faceValue - deposit, round);
    }
}
