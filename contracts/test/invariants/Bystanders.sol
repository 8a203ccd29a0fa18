// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {AdjustableRoundsManager} from "../../src/rounds/AdjustableRoundsManager.sol";
import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {Test} from "../utils/Test.sol";

/// @title Watches that nobody loses by what others do
/// @dev What an account could ever withdraw: its stake, its locks, its fees, and as a sender its deposit and reserve.
abstract contract Bystanders is Test {
    IBondingManager internal immutable bonding;
    AdjustableRoundsManager internal immutable rounds;
    ITicketBroker internal immutable broker;

    address[] public actors;
    address[] public senders;

    mapping(address => uint256) private stakeOf;
    mapping(address => uint256) private feesOf;
    mapping(address => uint256) private fundsLastSeen;
    mapping(address => uint256) private rewardFactor;
    mapping(address => uint256) private feeFactor;

    constructor(
        IBondingManager _bonding,
        AdjustableRoundsManager _rounds,
        ITicketBroker _broker,
        address[] memory _actors,
        address[] memory _senders
    ) {
        bonding = _bonding;
        rounds = _rounds;
        broker = _broker;
        actors = _actors;
        senders = _senders;
    }

    /// @dev Requires that nobody but `acting` and `losing` has less than after the last action. Senders may have paid
    ///      if `redeeming`.
    function requireNobodyElseLost(address acting, address losing, bool redeeming) internal {
        for (uint256 i = 0; i < actors.length; i++) {
            address account = actors[i];
            (uint256 stake, uint256 fees) = holdingsOf(account);
            if (account != acting && account != losing) {
                vm.assertGe(stake, stakeOf[account], "somebody else's action took stake");
                vm.assertGe(fees, feesOf[account], "somebody else's action took fees");
            }
            (stakeOf[account], feesOf[account]) = (stake, fees);
        }
        for (uint256 i = 0; i < senders.length; i++) {
            address account = senders[i];
            uint256 funds = fundsOf(account);
            if (account != acting && !redeeming) {
                vm.assertGe(funds, fundsLastSeen[account], "somebody else's action took a sender's funds");
            }
            fundsLastSeen[account] = funds;
        }
    }

    /// @dev Requires that no factor has fallen since the last call.
    function requireRisingFactors() internal {
        for (uint256 i = 0; i < actors.length; i++) {
            address t = actors[i];
            (uint256 lastReward,,,,,,,,, uint256 lastFee) = bonding.getTranscoder(t);
            (,,, uint256 reward,) = bonding.getTranscoderEarningsPoolForRound(t, lastReward);
            (,,,, uint256 fee) = bonding.getTranscoderEarningsPoolForRound(t, lastFee);
            vm.assertGe(reward, rewardFactor[t], "a reward factor fell");
            vm.assertGe(fee, feeFactor[t], "a fee factor fell");
            (rewardFactor[t], feeFactor[t]) = (reward, fee);
        }
    }

    function holdingsOf(address account) private view returns (uint256 stake, uint256 fees) {
        (,,,,,, uint256 locks) = bonding.getDelegator(account);
        stake = bonding.pendingStake(account, 0);
        for (uint256 id = 0; id < locks; id++) {
            (uint256 amount,) = bonding.getDelegatorUnbondingLock(account, id);
            stake += amount;
        }
        fees = bonding.pendingFees(account, 0);
    }

    function fundsOf(address sender) private view returns (uint256) {
        (ITicketBroker.Sender memory info, ITicketBroker.ReserveInfo memory reserve) = broker.getSenderInfo(sender);
        return info.deposit + reserve.fundsRemaining;
    }
}
