// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

/// @title What version 12 of the BondingManager changed, where no test of one function shows it
contract Incidents_bonding_v12_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
    }

    function stakeIn(address transcoder, uint256 round) private view returns (uint256 stake) {
        (stake,,,,) = bonding.getTranscoderEarningsPoolForRound(transcoder, round);
    }

    /// @dev bob, who has called reward, loses his place in the pool to dave and erin.
    function evictBob() private returns (uint256 round) {
        joinAs(dave, 2000 * LPT);
        joinAs(erin, 3000 * LPT);
        round = rounds.currentRound();
        vm.assertEq(deactivationRoundOf(bob), round + 1);
        vm.assertTrue(bonding.isActiveTranscoder(bob));
    }

    // 2025-08, edit 1 (version 11): an orchestrator left the active set with almost no stake, took in a lot of it,
    // which the history of its stakes did not show, and redeemed a ticket of its own. Its fees per unit of stake were
    // enormous, and were paid on all its stake with other people's money.
    function test_2025_08_an_orchestrator_that_left_cannot_inflate_its_fee_factor_with_its_own_ticket() public {
        fundSender(10 ether, 0);
        rewardAs(bob);
        unbondAs(bob, bonding.pendingStake(bob, 0) - LPT);
        evictBob();
        nextRound();
        bondAs(stranger, 1000 * LPT, bob);
        nextRound();
        vm.assertTrue(bonding.isRegisteredTranscoder(bob));
        vm.assertFalse(bonding.isActiveTranscoder(bob));

        ITicketBroker.Ticket memory ticket = newTicket(bob, 5 ether, 1);
        (bool paid,) = address(broker).call(redeemData(ticket));
        uint256 fees = bonding.pendingFees(stranger, 0) + bonding.pendingFees(bob, 0);
        vm.assertLe(fees, paid ? 5 ether : 0, "nobody gets more than was paid");
        assertReverts(stranger, address(broker), redeemData(ticket), "transcoder must be active");
        vm.assertFalse(broker.usedTickets(broker.getTicketHash(ticket)));
        vm.assertEq(depositOf(sender), 10 ether);
    }

    // 2026-03, edit 2: the factor before a late reward was reckoned from what the round may issue plus what it has
    // issued already, so delegators of an orchestrator that had missed rewards got too little of its fees.
    function test_v12_2_the_factor_before_a_late_reward_counts_the_issuance_once() public {
        nextRound();
        rewardAs(bob);
        rewardAs(alice);
        vm.assertGt(minter.currentMintedTokens(), minter.currentMintableTokens() / 2, "most has been issued");

        fundSender(12 ether, 0);
        redeem(newTicket(alice, 12 ether, 1));
        // Half of the fees is shared, and carol has a sixth of the stake.
        uint256 fees = bonding.pendingFees(carol, 0);
        vm.assertLe(fees, 1 ether, "carol gets no more than her part");
        vm.assertLe(1 ether - fees, 1e12, "carol gets her part");
    }

    // 2026-03, edit 7: stake that came to an orchestrator on its way out was not written into the history of its
    // stakes, so that history and stake went apart.
    function test_v12_7_stake_added_to_an_evicted_orchestrator_is_in_its_history() public {
        rewardAs(bob);
        uint256 round = evictBob();
        uint256 before = stakeIn(bob, round);
        bondAs(stranger, 10 * LPT, bob);
        vm.assertEq(stakeIn(bob, round), before);
        vm.assertEq(stakeIn(bob, round + 1), bonding.transcoderTotalStake(bob));
    }

    // 2026-03, edit 7: the same for one that has taken out all its own stake and so is not registered any more.
    function test_v12_7_stake_added_to_an_active_orchestrator_without_own_stake_is_in_its_history() public {
        bondAs(dave, 100 * LPT, bob);
        uint256 round = nextRound();
        rewardAs(bob);
        unbondAs(bob, bonding.pendingStake(bob, 0));
        vm.assertFalse(bonding.isRegisteredTranscoder(bob));
        uint256 before = stakeIn(bob, round);
        bondAs(stranger, 10 * LPT, bob);
        vm.assertEq(stakeIn(bob, round), before);
        vm.assertEq(stakeIn(bob, round + 1), bonding.transcoderTotalStake(bob));
    }

    // 2026-03, edit 8: stake that was taken from an orchestrator on its way out stayed in the history of its stakes.
    function test_v12_8_stake_taken_from_an_evicted_orchestrator_leaves_its_history() public {
        bondAs(stranger, 100 * LPT, bob);
        nextRound();
        rewardAs(bob);
        uint256 round = evictBob();
        uint256 before = stakeIn(bob, round);
        unbondAs(stranger, 60 * LPT);
        vm.assertEq(stakeIn(bob, round), before);
        vm.assertEq(stakeIn(bob, round + 1), bonding.transcoderTotalStake(bob));
    }
}
