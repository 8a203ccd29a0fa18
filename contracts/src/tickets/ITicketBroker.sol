// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Probabilistic payments: senders sign lottery tickets, recipients redeem the winning ones
/// @notice A sender locks a deposit, which pays tickets, and a reserve, which guarantees every active recipient an
///         equal part should the deposit run out.
interface ITicketBroker {
    struct Ticket {
        /// Who is paid if the ticket wins
        address recipient;
        /// Who pays
        address sender;
        /// Wei that a winning ticket pays
        uint256 faceValue;
        /// Probability of winning as a fraction of 2^256
        uint256 winProb;
        /// Number that makes the sender's tickets differ
        uint256 senderNonce;
        /// keccak256 of the recipient's secret number, which the recipient fixes before it sees the ticket
        bytes32 recipientRandHash;
        /// Round of creation and that round's block hash, 64 bytes
        bytes auxData;
    }

    struct Sender {
        /// Wei that pay winning tickets
        uint256 deposit;
        /// Round from which the sender may withdraw; zero: no unlock requested
        uint256 withdrawRound;
    }

    struct ReserveInfo {
        /// Wei left in the reserve
        uint256 fundsRemaining;
        /// Wei claimed from the reserve in the current round
        uint256 claimedInCurrentRound;
    }

    /// @notice The sender's deposit grew.
    event DepositFunded(address indexed sender, uint256 amount);

    /// @notice The sender's reserve grew.
    event ReserveFunded(address indexed reserveHolder, uint256 amount);

    /// @notice A recipient was paid from a reserve.
    event ReserveClaimed(address indexed reserveHolder, address claimant, uint256 amount);

    /// @notice A winning ticket was redeemed and is used up, whatever it paid.
    event WinningTicketRedeemed(
        address indexed sender,
        address indexed recipient,
        uint256 faceValue,
        uint256 winProb,
        uint256 senderNonce,
        uint256 recipientRand,
        bytes auxData
    );

    /// @notice A redeemed ticket paid `amount` wei.
    event WinningTicketTransfer(address indexed sender, address indexed recipient, uint256 amount);

    /// @notice The sender may withdraw from `endRound` on.
    event Unlock(address indexed sender, uint256 startRound, uint256 endRound);

    /// @notice The sender gave up withdrawing.
    event UnlockCancelled(address indexed sender);

    /// @notice The sender withdrew everything.
    event Withdrawal(address indexed sender, uint256 deposit, uint256 reserve);

    /// @notice Sets how many rounds pass between unlock and withdrawal. Owner only.
    function setUnlockPeriod(uint256 _unlockPeriod) external;

    /// @notice Sets in how many rounds, that of creation included, a ticket can be redeemed. Owner only.
    function setTicketValidityPeriod(uint256 _ticketValidityPeriod) external;

    /// @notice Adds the attached ETH to the caller's deposit and cancels its unlock.
    function fundDeposit() external payable;

    /// @notice Adds the attached ETH to the caller's reserve and cancels its unlock.
    function fundReserve() external payable;

    /// @notice Adds the attached ETH to the caller's deposit and reserve in the given parts, and cancels its unlock.
    function fundDepositAndReserve(uint256 _depositAmount, uint256 _reserveAmount) external payable;

    /// @notice Adds the attached ETH to the deposit and reserve of `_addr`, whose unlock goes on.
    function fundDepositAndReserveFor(address _addr, uint256 _depositAmount, uint256 _reserveAmount) external payable;

    /// @notice Pays a winning ticket. Anyone may submit it.
    /// @param _sig The sender's signature over the ticket's hash as an Ethereum signed message
    /// @param _recipientRand The recipient's secret number
    function redeemWinningTicket(Ticket calldata _ticket, bytes calldata _sig, uint256 _recipientRand) external;

    /// @notice Redeems tickets one by one, passing over those that fail.
    function batchRedeemWinningTickets(
        Ticket[] calldata _tickets,
        bytes[] calldata _sigs,
        uint256[] calldata _recipientRands
    ) external;

    /// @notice Starts the period after which the caller may withdraw.
    function unlock() external;

    /// @notice Takes the caller's unlock back.
    function cancelUnlock() external;

    /// @notice Pays the caller's deposit and reserve back after the unlock period.
    function withdraw() external;

    /// @notice Hash that the sender signs.
    function getTicketHash(Ticket calldata _ticket) external pure returns (bytes32);

    /// @notice The sender's deposit, unlock and reserve.
    function getSenderInfo(address _sender) external view returns (Sender memory sender, ReserveInfo memory reserve);

    /// @notice The sender's reserve.
    function getReserveInfo(address _reserveHolder) external view returns (ReserveInfo memory info);

    /// @notice Wei that the claimant can still be paid from the reserve in this round.
    function claimableReserve(address _reserveHolder, address _claimant) external view returns (uint256);

    /// @notice Wei that the claimant was paid from the reserve in this round.
    function claimedReserve(address _reserveHolder, address _claimant) external view returns (uint256);

    /// @notice Whether the sender has asked to withdraw.
    function isUnlockInProgress(address _sender) external view returns (bool);

    /// @notice Rounds between unlock and withdrawal.
    function unlockPeriod() external view returns (uint256);

    /// @notice Rounds in which a ticket can be redeemed, that of creation included.
    function ticketValidityPeriod() external view returns (uint256);

    /// @notice Whether the ticket with this hash was redeemed.
    function usedTickets(bytes32) external view returns (bool);
}
