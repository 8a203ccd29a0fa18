// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {AdjustableRoundsManager} from "../../src/rounds/AdjustableRoundsManager.sol";
import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {Bystanders} from "./Bystanders.sol";

/// @title The actions that the invariants are tried with
/// @dev Every argument gives a valid action or a refused one; what was refused changes nothing and is not counted.
contract Handler is Bystanders {
    uint256 private constant ROUND_LENGTH = 50;
    uint256 private constant LPT = 1e18;

    bytes32[] public tickets;

    /// @notice Successful actions by name.
    mapping(string => uint256) public successes;
    /// @notice How often a ticket has paid.
    mapping(bytes32 => uint256) public payouts;
    /// @notice Wei that a sender has put into its reserve, ever.
    mapping(address => uint256) public reserveFunded;
    /// @notice Redemptions that paid, each of which may round.
    uint256 public redemptions;

    ITicketBroker.Ticket private lastTicket;
    bytes private lastSignature;

    constructor(
        IBondingManager _bonding,
        AdjustableRoundsManager _rounds,
        ITicketBroker _broker,
        address[] memory _actors,
        address[] memory _senders
    ) Bystanders(_bonding, _rounds, _broker, _actors, _senders) {}

    function ticketCount() external view returns (uint256) {
        return tickets.length;
    }

    function advance(uint256 skipped) external {
        uint256 round = rounds.currentRound() + 1 + (skipped % 8 == 0 ? 1 : 0);
        rounds.setBlockHash(keccak256(abi.encode("round", round)));
        rounds.setBlockNum(round * ROUND_LENGTH);
        attempt("advance", address(this), address(rounds), 0, abi.encodeCall(rounds.initializeRound, ()));
    }

    function bond(uint256 who, uint256 to, uint256 amount) external {
        amount = amount % 7 == 0 ? 0 : bound(amount, 1, 500 * LPT);
        call("bond", actor(who), abi.encodeCall(bonding.bond, (amount, actor(to))));
    }

    function join(uint256 who, uint256 amount, uint256 cut, uint256 share) external {
        address joining = actor(who);
        amount = bound(amount, 1, 800 * LPT);
        call("bond", joining, abi.encodeCall(bonding.bond, (amount, joining)));
        call("transcoder", joining, abi.encodeCall(bonding.transcoder, (cut % 1_000_001, share % 1_000_001)));
    }

    function bondFor(uint256 who, uint256 owner, uint256 to, uint256 amount, uint256 hint) external {
        (address a, address b) = (actor(hint), actor(hint >> 8));
        bytes memory data =
            abi.encodeCall(bonding.bondForWithHint, (bound(amount, 0, 100 * LPT), actor(owner), actor(to), a, b, b, a));
        call("bondForWithHint", actor(who), data);
    }

    function unbond(uint256 who, uint256 part, uint256 hint) external {
        address leaving = actor(who);
        uint256 stake = bonding.pendingStake(leaving, 0);
        uint256 amount = part % 2 == 0 ? stake : stake * (part % 1000) / 1000;
        call("unbond", leaving, abi.encodeCall(bonding.unbondWithHint, (amount, actor(hint), actor(hint >> 8))));
    }

    function rebond(uint256 who, uint256 lock, uint256 hint) external {
        address back = actor(who);
        uint256 id = lockOf(back, lock);
        bytes memory data = abi.encodeCall(bonding.rebondWithHint, (id, actor(hint), actor(hint >> 8)));
        call("rebond", back, data);
    }

    function rebondFromUnbonded(uint256 who, uint256 to, uint256 lock) external {
        address back = actor(who);
        bytes memory data = abi.encodeCall(bonding.rebondFromUnbonded, (actor(to), lockOf(back, lock)));
        call("rebondFromUnbonded", back, data);
    }

    function transferBond(uint256 who, uint256 to, uint256 part) external {
        address giving = actor(who);
        uint256 amount = part % 3 == 0 ? bonding.pendingStake(giving, 0) : bound(part, 1, 50 * LPT);
        address none = address(0);
        bytes memory data = abi.encodeCall(bonding.transferBond, (actor(to), amount, none, none, none, none));
        call("transferBond", giving, data);
    }

    function withdrawStake(uint256 who, uint256 lock) external {
        address taking = actor(who);
        call("withdrawStake", taking, abi.encodeCall(bonding.withdrawStake, (lockOf(taking, lock))));
    }

    function withdrawFees(uint256 who, uint256 part) external {
        address taking = actor(who);
        uint256 amount = bonding.pendingFees(taking, 0) * (part % 1001) / 1000;
        call("withdrawFees", taking, abi.encodeCall(bonding.withdrawFees, (payable(taking), amount)));
    }

    function claimEarnings(uint256 who) external {
        call("claimEarnings", actor(who), abi.encodeCall(bonding.claimEarnings, (0)));
    }

    function reward(uint256 who) external {
        call("reward", actor(who), abi.encodeCall(bonding.reward, ()));
    }

    function rewardAll() external {
        for (uint256 i = 0; i < actors.length; i++) {
            call("reward", actors[i], abi.encodeCall(bonding.reward, ()));
        }
    }

    function fund(uint256 who, uint256 deposit, uint256 reserve) external {
        deposit = bound(deposit, 0, 5 ether);
        reserve = bound(reserve, 0, 5 ether);
        bytes memory data = abi.encodeCall(broker.fundDepositAndReserve, (deposit, reserve));
        uint256 fundings = successes["fund"];
        attempt("fund", senderAt(who), address(broker), deposit + reserve, data);
        if (successes["fund"] > fundings) reserveFunded[senderAt(who)] += reserve;
    }

    function unlock(uint256 who) external {
        attempt("unlock", senderAt(who), address(broker), 0, abi.encodeCall(broker.unlock, ()));
    }

    function withdraw(uint256 who) external {
        attempt("withdraw", senderAt(who), address(broker), 0, abi.encodeCall(broker.withdraw, ()));
    }

    function redeem(uint256 to, uint256 from, uint256 faceValue) external {
        uint256 round = rounds.currentRound();
        uint256 nonce = tickets.length;
        ITicketBroker.Ticket memory ticket = ITicketBroker.Ticket({
            recipient: actor(to),
            sender: senderAt(from),
            faceValue: faceValue % 5 == 0 ? 50 ether : bound(faceValue, 0, 2 ether),
            winProb: type(uint256).max,
            senderNonce: nonce,
            recipientRandHash: keccak256(abi.encode(nonce)),
            auxData: abi.encode(round, rounds.blockHashForRound(round))
        });
        bytes32 hash = broker.getTicketHash(ticket);
        tickets.push(hash);
        lastTicket = ticket;
        lastSignature = sign(from, hash);
        submit(hash, "redeem");
    }

    function redeemAgain() external {
        if (tickets.length == 0) return;
        submit(tickets[tickets.length - 1], "redeemAgain");
    }

    function redeemInBatch() external {
        if (tickets.length == 0) return;
        ITicketBroker.Ticket[] memory batch = new ITicketBroker.Ticket[](2);
        bytes[] memory signatures = new bytes[](2);
        uint256[] memory secrets = new uint256[](2);
        for (uint256 i = 0; i < 2; i++) {
            (batch[i], signatures[i], secrets[i]) = (lastTicket, lastSignature, lastTicket.senderNonce);
        }
        uint256 before = money();
        bytes memory data = abi.encodeCall(broker.batchRedeemWinningTickets, (batch, signatures, secrets));
        attempt("redeemInBatch", address(this), address(broker), 0, data);
        countPayout(tickets[tickets.length - 1], before);
    }

    function submit(bytes32 hash, string memory name) private {
        uint256 before = money();
        bytes memory data =
            abi.encodeCall(broker.redeemWinningTicket, (lastTicket, lastSignature, lastTicket.senderNonce));
        attempt(name, address(this), address(broker), 0, data);
        countPayout(hash, before);
    }

    function countPayout(bytes32 hash, uint256 before) private {
        if (money() == before) return;
        payouts[hash]++;
        redemptions++;
    }

    /// @dev What the senders' accounts hold together; it falls by what a redemption pays.
    function money() private view returns (uint256 sum) {
        for (uint256 i = 0; i < senders.length; i++) {
            (ITicketBroker.Sender memory info, ITicketBroker.ReserveInfo memory reserve) =
                broker.getSenderInfo(senders[i]);
            sum += info.deposit + reserve.fundsRemaining;
        }
    }

    function sign(uint256 from, bytes32 hash) private view returns (bytes memory) {
        bytes32 digest = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", hash));
        string memory name = from % senders.length == 0 ? "sender" : "another sender";
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(name), digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev One of the last locks, used up or not.
    function lockOf(address who, uint256 seed) private view returns (uint256) {
        (,,,,,, uint256 next) = bonding.getDelegator(who);
        uint256 back = 1 + seed % 3;
        return next < back ? 0 : next - back;
    }

    function actor(uint256 seed) internal view returns (address) {
        return actors[seed % actors.length];
    }

    function senderAt(uint256 seed) private view returns (address) {
        return senders[seed % senders.length];
    }

    function call(string memory name, address who, bytes memory data) private {
        attempt(name, who, address(bonding), 0, data);
    }

    function attempt(string memory name, address who, address target, uint256 value, bytes memory data) internal {
        attemptAgainst(who, name, who, target, value, data);
    }

    /// @dev `losing` may lose by this action.
    function attemptAgainst(
        address losing,
        string memory name,
        address who,
        address target,
        uint256 value,
        bytes memory data
    ) internal {
        vm.prank(who);
        (bool ok,) = target.call{value: value}(data);
        if (!ok) return;
        successes[name]++;
        requireNobodyElseLost(who, losing, target == address(broker) && who == address(this));
        requireRisingFactors();
    }
}
