// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";
import {Handler} from "./Handler.sol";

/// @title What holds after any sequence of actions
contract ProtocolInvariants is ProtocolTest {
    Handler internal handler;
    address[] internal everyone;
    uint256 private allEther;

    function setUp() public virtual override {
        super.setUp();
        everyone = [alice, bob, carol, dave, erin, stranger];
        address[] memory senders = new address[](2);
        (senders[0], senders[1]) = (sender, account("another sender"));
        vm.deal(senders[1], 1_000 ether);
        handler = newHandler(senders);
        bonding.setTreasuryRewardCutRate(ONE / 20);
        bonding.setTreasuryBalanceCeiling(40 * LPT);
        startWithTranscoders();
        fundSender(5 ether, 5 ether);
        allEther = countEther();
    }

    function newHandler(address[] memory senders) internal virtual returns (Handler) {
        return new Handler(bonding, rounds, broker, everyone, senders);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_the_pool_is_ordered_by_stake_and_holds_registered_transcoders_only() public view {
        uint256 size;
        uint256 previous = NEVER;
        for (address t = bonding.getFirstTranscoderInPool(); t != address(0); t = bonding.getNextTranscoderInPool(t)) {
            uint256 stake = bonding.transcoderTotalStake(t);
            vm.assertLe(stake, previous, "the pool is out of order");
            vm.assertTrue(bonding.isRegisteredTranscoder(t), "a member of the pool is not registered");
            vm.assertEq(deactivationRoundOf(t), NEVER, "a member of the pool is leaving");
            previous = stake;
            size++;
        }
        vm.assertEq(size, bonding.getTranscoderPoolSize(), "the pool's size is wrong");
        vm.assertLe(size, bonding.getTranscoderPoolMaxSize(), "the pool is too large");
    }

    function invariant_the_next_rounds_stake_is_that_of_the_pool() public view {
        uint256 sum;
        for (address t = bonding.getFirstTranscoderInPool(); t != address(0); t = bonding.getNextTranscoderInPool(t)) {
            sum += bonding.transcoderTotalStake(t);
        }
        vm.assertEq(bonding.nextRoundTotalActiveStake(), sum, "planned stake");
        vm.assertEq(votes.totalSupply(), sum, "votes");
    }

    function invariant_a_delegate_has_at_least_the_stake_of_its_delegators() public view {
        for (uint256 i = 0; i < everyone.length; i++) {
            uint256 sum;
            for (uint256 j = 0; j < everyone.length; j++) {
                if (delegateOf(everyone[j]) == everyone[i]) sum += bonding.pendingStake(everyone[j], 0);
            }
            vm.assertLe(sum, bonding.transcoderTotalStake(everyone[i]), "a delegate lacks stake");
        }
    }

    function invariant_the_minter_can_pay_all_stake_and_all_locks() public view {
        uint256 owed;
        for (uint256 i = 0; i < everyone.length; i++) {
            owed += bonding.pendingStake(everyone[i], 0);
            (,,,,,, uint256 locks) = bonding.getDelegator(everyone[i]);
            for (uint256 id = 0; id < locks; id++) {
                (uint256 amount,) = bonding.getDelegatorUnbondingLock(everyone[i], id);
                owed += amount;
            }
        }
        vm.assertLe(owed, token.balanceOf(address(minter)), "stake is not covered");
    }

    function invariant_the_minter_can_pay_all_deposits_reserves_and_fees() public view {
        uint256 owed = depositOf(sender) + reserveOf(sender);
        address another = handler.senders(1);
        owed += depositOf(another) + reserveOf(another);
        for (uint256 i = 0; i < everyone.length; i++) {
            owed += bonding.pendingFees(everyone[i], 0);
        }
        vm.assertLe(owed, address(minter).balance, "money is not covered");
    }

    function invariant_tokens_come_from_the_issuance_only() public view {
        uint256 sum = token.balanceOf(address(minter)) + token.balanceOf(treasury);
        for (uint256 i = 0; i < everyone.length; i++) {
            sum += token.balanceOf(everyone[i]);
        }
        sum += token.balanceOf(sender) + token.balanceOf(migrator);
        vm.assertEq(sum, token.totalSupply(), "tokens are lost");
        vm.assertLe(minter.currentMintedTokens(), minter.currentMintableTokens(), "too much was minted");
    }

    function invariant_no_ether_comes_or_goes() public view {
        vm.assertEq(countEther(), allEther, "ether");
        vm.assertEq(address(broker).balance + address(bonding).balance, 0, "ether outside the minter");
    }

    function invariant_a_ticket_pays_once() public view {
        for (uint256 i = 0; i < handler.ticketCount(); i++) {
            bytes32 hash = handler.tickets(i);
            uint256 payouts = handler.payouts(hash);
            vm.assertLe(payouts, 1, "a ticket paid twice");
            if (payouts == 1) vm.assertTrue(broker.usedTickets(hash), "a ticket paid and is not used up");
        }
    }

    function invariant_reserves_pay_what_was_claimed_and_no_more_than_there_was() public view {
        for (uint256 i = 0; i < 2; i++) {
            address holder = handler.senders(i);
            ITicketBroker.ReserveInfo memory reserve = broker.getReserveInfo(holder);
            uint256 claimed;
            for (uint256 j = 0; j < everyone.length; j++) {
                claimed += broker.claimedReserve(holder, everyone[j]);
            }
            vm.assertEq(claimed, reserve.claimedInCurrentRound, "claims by account");
            uint256 funded = handler.reserveFunded(holder) + (holder == sender ? 5 ether : 0);
            vm.assertLe(claimed + reserve.fundsRemaining, funded, "more was claimed than put in");
        }
    }

    function invariant_votes_are_the_stake() public view {
        for (uint256 i = 0; i < everyone.length; i++) {
            address who = everyone[i];
            if (bonding.isRegisteredTranscoder(who)) {
                vm.assertEq(votes.getVotes(who), bonding.transcoderTotalStake(who), "votes of a transcoder");
            } else {
                vm.assertLe(votes.getVotes(who), bonding.pendingStake(who, 0), "votes of a delegator");
            }
        }
    }

    /// @dev Without this, a handler whose actions are all refused would prove nothing.
    function test_every_action_succeeds_in_a_long_enough_run() external {
        for (uint256 i = 0; i < 1500; i++) {
            act(uint256(keccak256(abi.encode(i))));
            if (i % 100 == 99) assertAll();
        }
        string[15] memory names = [
            "advance",
            "bond",
            "bondForWithHint",
            "transcoder",
            "unbond",
            "rebond",
            "rebondFromUnbonded",
            "transferBond",
            "withdrawStake",
            "withdrawFees",
            "claimEarnings",
            "reward",
            "fund",
            "withdraw",
            "redeem"
        ];
        for (uint256 i = 0; i < names.length; i++) {
            vm.assertGt(handler.successes(names[i]), 0, names[i]);
        }
        vm.assertGt(handler.redemptions(), 10, "tickets were paid");
    }

    function assertAll() private view {
        invariant_the_pool_is_ordered_by_stake_and_holds_registered_transcoders_only();
        invariant_the_next_rounds_stake_is_that_of_the_pool();
        invariant_a_delegate_has_at_least_the_stake_of_its_delegators();
        invariant_the_minter_can_pay_all_stake_and_all_locks();
        invariant_the_minter_can_pay_all_deposits_reserves_and_fees();
        invariant_tokens_come_from_the_issuance_only();
        invariant_no_ether_comes_or_goes();
        invariant_a_ticket_pays_once();
        invariant_votes_are_the_stake();
        invariant_reserves_pay_what_was_claimed_and_no_more_than_there_was();
    }

    function act(uint256 seed) internal virtual {
        (uint256 a, uint256 b, uint256 c) = (seed >> 8, seed >> 72, seed >> 136);
        uint256 action = seed % 17;
        if (action == 0) handler.advance(a);
        else if (action == 1) handler.bond(a, b, c);
        else if (action == 2) handler.join(a, b, c, seed >> 190);
        else if (action == 3) handler.bondFor(a, b, c, seed >> 190, seed >> 200);
        else if (action == 4) handler.unbond(a, b, c);
        else if (action == 5) handler.rebond(a, b, c);
        else if (action == 6) handler.rebondFromUnbonded(a, b, c);
        else if (action == 7) handler.transferBond(a, b, c);
        else if (action == 8) handler.withdrawStake(a, b);
        else if (action == 9) handler.withdrawFees(a, b);
        else if (action == 10) handler.claimEarnings(a);
        else if (action == 11) handler.rewardAll();
        else if (action == 12) handler.fund(a, b, c);
        else if (action == 13) handler.unlock(a);
        else if (action == 14) handler.withdraw(a);
        else if (action == 15) handler.redeem(a, b, c);
        else handler.redeemAgain();
    }

    function countEther() private view returns (uint256 sum) {
        sum = address(minter).balance + handler.senders(1).balance + sender.balance;
        for (uint256 i = 0; i < everyone.length; i++) {
            sum += everyone[i].balance;
        }
    }
}
