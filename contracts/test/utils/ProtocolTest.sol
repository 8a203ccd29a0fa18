// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {IController} from "../../src/controller/IController.sol";
import {IServiceRegistry} from "../../src/controller/IServiceRegistry.sol";
import {AdjustableRoundsManager} from "../../src/rounds/AdjustableRoundsManager.sol";
import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ILivepeerTokenFaucet} from "../../src/token/ILivepeerTokenFaucet.sol";
import {IMinter} from "../../src/token/IMinter.sol";
import {LivepeerToken} from "../../src/token/LivepeerToken.sol";
import {Test} from "./Test.sol";

/// @title A whole network, owned by the test, in round 1000 with rounds of 50 blocks
abstract contract ProtocolTest is Test {
    uint256 internal constant LPT = 1e18;
    uint256 internal constant ROUND_LENGTH = 50;
    uint256 internal constant FIRST_ROUND = 1000;
    uint256 internal constant POOL_SIZE = 3;
    uint64 internal constant UNBONDING_PERIOD = 2;
    uint256 internal constant NEVER = type(uint256).max;
    uint256 internal constant ONE = 1e27;
    bytes32 internal constant MINTER_ROLE = keccak256("MINTER_ROLE");
    bytes32 internal constant BURNER_ROLE = keccak256("BURNER_ROLE");

    IController internal controller;
    LivepeerToken internal token;
    IMinter internal minter;
    IBondingManager internal bonding;
    IBondingVotes internal votes;
    AdjustableRoundsManager internal rounds;
    ITicketBroker internal broker;
    IServiceRegistry internal registry;
    ILivepeerTokenFaucet internal faucet;

    address internal owner = address(this);
    address internal alice = account("alice");
    address internal bob = account("bob");
    address internal carol = account("carol");
    address internal dave = account("dave");
    address internal erin = account("erin");
    address internal sender = account("sender");
    address internal stranger = account("stranger");
    address internal treasury = account("treasury");
    address internal migrator = account("migrator");
    address internal verifier = account("verifier");

    function setUp() public virtual {
        controller = IController(vm.deployCode("Controller.sol:Controller", ""));
        token = LivepeerToken(vm.deployCode("LivepeerToken.sol:LivepeerToken", ""));
        address minterAddress =
            vm.deployCode("Minter.sol:Minter", abi.encode(controller, 1_000_000, 3_000, 500_000_000));
        minter = IMinter(minterAddress);
        faucet = ILivepeerTokenFaucet(
            vm.deployCode("LivepeerTokenFaucet.sol:LivepeerTokenFaucet", abi.encode(token, 10 * LPT, 1))
        );
        register("LivepeerToken", address(token));
        register("Minter", address(minter));
        register("L2LPTDataCache", vm.deployCode("StandaloneL2LPTDataCache.sol:StandaloneL2LPTDataCache", ""));
        register("Treasury", treasury);
        register("L2Migrator", migrator);

        bonding = IBondingManager(deployBehindProxy("BondingManager", "BondingManager"));
        votes = IBondingVotes(deployBehindProxy("BondingVotes", "BondingVotes"));
        rounds = AdjustableRoundsManager(deployBehindProxy("RoundsManager", "AdjustableRoundsManager"));
        broker = ITicketBroker(deployBehindProxy("TicketBroker", "TicketBroker"));
        registry = IServiceRegistry(deployBehindProxy("ServiceRegistry", "ServiceRegistry"));
        register("JobsManager", address(broker));

        bonding.setUnbondingPeriod(UNBONDING_PERIOD);
        bonding.setNumActiveTranscoders(POOL_SIZE);
        rounds.setRoundLength(ROUND_LENGTH);
        rounds.setRoundLockAmount(100_000);
        broker.setUnlockPeriod(2);
        broker.setTicketValidityPeriod(2);

        token.grantRole(MINTER_ROLE, address(this));
        address[8] memory holders = [alice, bob, carol, dave, erin, sender, migrator, stranger];
        for (uint256 i = 0; i < holders.length; i++) {
            token.mint(holders[i], 10_000 * LPT);
            vm.prank(holders[i]);
            token.approve(address(bonding), NEVER);
            vm.deal(holders[i], 1_000 ether);
        }
        token.renounceRole(MINTER_ROLE, address(this));
        token.grantRole(MINTER_ROLE, address(minter));
        controller.unpause();
        startRound(FIRST_ROUND);
    }

    // Contracts

    function register(string memory name, address target) internal {
        controller.setContractInfo(keccak256(bytes(name)), target, bytes20(0));
    }

    function deployBehindProxy(string memory name, string memory implementation) internal returns (address proxy) {
        string memory artifact = string.concat(implementation, ".sol:", implementation);
        string memory targetName = string.concat(name, "Target");
        register(targetName, vm.deployCode(artifact, abi.encode(controller)));
        proxy = vm.deployCode("ManagerProxy.sol:ManagerProxy", abi.encode(controller, keccak256(bytes(targetName))));
        register(name, proxy);
    }

    // Rounds

    function enterRound(uint256 round) internal {
        rounds.setBlockHash(roundHash(round));
        rounds.setBlockNum(round * ROUND_LENGTH);
    }

    function startRound(uint256 round) internal {
        enterRound(round);
        rounds.initializeRound();
    }

    function nextRound() internal returns (uint256 round) {
        round = rounds.currentRound() + 1;
        startRound(round);
    }

    function roundHash(uint256 round) internal pure returns (bytes32) {
        return keccak256(abi.encode("round", round));
    }

    // Stake

    function bondAs(address who, uint256 amount, address to) internal {
        vm.prank(who);
        bonding.bond(amount, to);
    }

    function unbondAs(address who, uint256 amount) internal {
        vm.prank(who);
        bonding.unbond(amount);
    }

    function rewardAs(address who) internal {
        vm.prank(who);
        bonding.reward();
    }

    function claimAs(address who) internal {
        vm.prank(who);
        bonding.claimEarnings(0);
    }

    /// @dev Registers `who` with the reward cut 10 % and the fee share 50 %.
    function joinAs(address who, uint256 stake) internal {
        bondAs(who, stake, who);
        vm.prank(who);
        bonding.transcoder(100_000, 500_000);
    }

    /// @dev alice (1000 LPT, and 200 from carol) and bob (500 LPT) are active in the round that this starts, 1001.
    function startWithTranscoders() internal {
        joinAs(alice, 1000 * LPT);
        joinAs(bob, 500 * LPT);
        bondAs(carol, 200 * LPT, alice);
        nextRound();
    }

    function bondedAmountOf(address who) internal view returns (uint256 amount) {
        (amount,,,,,,) = bonding.getDelegator(who);
    }

    function feesOf(address who) internal view returns (uint256 fees) {
        (, fees,,,,,) = bonding.getDelegator(who);
    }

    function delegateOf(address who) internal view returns (address delegate) {
        (,, delegate,,,,) = bonding.getDelegator(who);
    }

    function startRoundOf(address who) internal view returns (uint256 round) {
        (,,,, round,,) = bonding.getDelegator(who);
    }

    function nextLockOf(address who) internal view returns (uint256 id) {
        (,,,,,, id) = bonding.getDelegator(who);
    }

    function activationRoundOf(address who) internal view returns (uint256 round) {
        (,,,, round,,,,,) = bonding.getTranscoder(who);
    }

    function lastClaimRoundOf(address who) internal view returns (uint256 round) {
        (,,,,, round,) = bonding.getDelegator(who);
    }

    function lastRewardRoundOf(address who) internal view returns (uint256 round) {
        (round,,,,,,,,,) = bonding.getTranscoder(who);
    }

    function deactivationRoundOf(address who) internal view returns (uint256 round) {
        (,,,,, round,,,,) = bonding.getTranscoder(who);
    }

    // Tickets

    function newTicket(address recipient, uint256 faceValue, uint256 nonce)
        internal
        view
        returns (ITicketBroker.Ticket memory)
    {
        uint256 round = rounds.currentRound();
        return ITicketBroker.Ticket({
            recipient: recipient,
            sender: sender,
            faceValue: faceValue,
            winProb: NEVER,
            senderNonce: nonce,
            recipientRandHash: keccak256(abi.encode(secretOf(nonce))),
            auxData: abi.encode(round, rounds.blockHashForRound(round))
        });
    }

    function secretOf(uint256 nonce) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("secret", nonce)));
    }

    function signTicket(ITicketBroker.Ticket memory ticket) internal view returns (bytes memory) {
        return signTicketAs("sender", ticket);
    }

    function signTicketAs(string memory name, ITicketBroker.Ticket memory ticket) internal view returns (bytes memory) {
        bytes32 hash = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", broker.getTicketHash(ticket)));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(name), hash);
        return abi.encodePacked(r, s, v);
    }

    function redeem(ITicketBroker.Ticket memory ticket) internal {
        broker.redeemWinningTicket(ticket, signTicket(ticket), secretOf(ticket.senderNonce));
    }

    /// @dev Call data that redeems the ticket with the sender's signature.
    function redeemData(ITicketBroker.Ticket memory ticket) internal view returns (bytes memory) {
        return abi.encodeCall(broker.redeemWinningTicket, (ticket, signTicket(ticket), secretOf(ticket.senderNonce)));
    }

    function fundSender(uint256 deposit, uint256 reserve) internal {
        vm.prank(sender);
        broker.fundDepositAndReserve{value: deposit + reserve}(deposit, reserve);
    }

    function depositOf(address who) internal view returns (uint256) {
        (ITicketBroker.Sender memory info,) = broker.getSenderInfo(who);
        return info.deposit;
    }

    function reserveOf(address who) internal view returns (uint256) {
        return broker.getReserveInfo(who).fundsRemaining;
    }

    function withdrawRoundOf(address who) internal view returns (uint256) {
        (ITicketBroker.Sender memory info,) = broker.getSenderInfo(who);
        return info.withdrawRound;
    }

    // Rules that many functions share

    function assertNeedsRunningSystem(address who, address target, bytes memory data) internal {
        controller.pause();
        assertReverts(who, target, data, "system is paused");
        controller.unpause();
    }

    function assertNeedsInitializedRound(address who, address target, bytes memory data) internal {
        enterRound(rounds.currentRound() + 1);
        assertReverts(who, target, data, "current round is not initialized");
    }

    function assertNeedsOwner(address target, bytes memory data) internal {
        assertReverts(stranger, target, data, "caller must be Controller owner");
    }
}
