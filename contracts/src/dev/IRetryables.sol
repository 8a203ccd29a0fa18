// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Messages from layer 1 on a development chain, at address 0x6e
/// @notice A message whose call fails is kept for a lifetime, in which anybody may redeem it again.
interface IRetryables {
    /// @notice A message as the inbox took it.
    struct Message {
        /// Sender on layer 1, as layer 2 sees it
        address aliasedSender;
        /// Contract to call
        address to;
        /// Wei that the call carries
        uint256 callValue;
        /// Wei that came with the message
        uint256 deposit;
        /// Who gets what the deposit has above the call value
        address feeRefundAddress;
        /// Who may cancel, and gets the call value then
        address beneficiary;
        /// Gas of the first attempt; none is made if zero
        uint256 maxGas;
        /// Call data
        bytes data;
    }

    /// @notice A message arrived.
    event TicketCreated(bytes32 indexed ticketId);

    /// @notice The first attempt failed with `reason`, of which the first kilobyte is kept; the message can be redeemed.
    event FirstAttemptFailed(bytes32 indexed ticketId, bytes reason);

    /// @notice The message's call was made; the message is gone.
    event Redeemed(bytes32 indexed ticketId);

    /// @notice The beneficiary took the message back.
    event Canceled(bytes32 indexed ticketId);

    /// @notice The message may now be redeemed until `newTimeout`.
    event LifetimeExtended(bytes32 indexed ticketId, uint256 newTimeout);

    /// @notice The message's time was over; its call value went to the beneficiary.
    event Expired(bytes32 indexed ticketId);

    /// @notice Only the relayer may do this.
    error NotRelayer();

    /// @notice Messages come in order and once; this is the number that comes next.
    error WrongMessageNumber(uint256 expected);

    /// @notice The ETH that is sent along must be the message's deposit, and cover its call value.
    error WrongDeposit();

    /// @notice Nothing stands at the sender's alias that could speak for it.
    error NoAliasedSender(address aliasedSender);

    /// @notice The transaction has too little gas for the first attempt.
    error NotEnoughGas();

    /// @notice No such message waits here: never sent, redeemed, cancelled or over time.
    error NoTicketWithID();

    /// @notice The message's time is not over.
    error NotExpired(uint256 timeout);

    /// @notice The lifetime can be extended again only when less than one is left.
    error TooFarInTheFuture();

    /// @notice Only the beneficiary may do this.
    error NotBeneficiary();

    /// @notice Takes message `messageNum`, refunds what it does not need, and makes the first attempt. Relayer only.
    /// @param inboxAcc Hash over all messages up to this one, as the bridge keeps it
    function deliver(uint256 messageNum, bytes32 inboxAcc, Message calldata message) external payable;

    /// @notice Makes the message's call with all gas; fails as the call fails, and the message stays then.
    function redeem(bytes32 ticketId) external;

    /// @notice Throws the message away and gives its call value to the beneficiary, who must be the caller.
    function cancel(bytes32 ticketId) external;

    /// @notice Adds a lifetime. Anyone may.
    /// @return The new timeout
    function keepalive(bytes32 ticketId) external returns (uint256);

    /// @notice Throws a message away whose time is over and gives its call value to the beneficiary. Anyone may.
    function expire(bytes32 ticketId) external;

    /// @notice Until when the message can be redeemed.
    function getTimeout(bytes32 ticketId) external view returns (uint256);

    /// @notice Who may cancel.
    function getBeneficiary(bytes32 ticketId) external view returns (address);

    /// @notice Seconds that a message waits.
    function getLifetime() external view returns (uint256);

    /// @notice The id of the message with this number.
    function ticketIdOf(uint256 messageNum) external view returns (bytes32);

    /// @notice Who delivers messages.
    function relayer() external view returns (address);

    /// @notice Messages delivered so far, hence the number of the next.
    function delivered() external view returns (uint256);

    /// @notice Hash over all messages delivered so far, as the bridge keeps it.
    function inboxAcc() external view returns (bytes32);
}
