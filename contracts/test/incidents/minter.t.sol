// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

/// @title Attempts to get more out of the Minter than was paid in
contract Incidents_minter_Test is ProtocolTest {
    // 2024-10, version 10, D#677: the Minter, which holds everybody's money, could be drained. How was not
    // published, so this is what an orchestrator can do: collect rewards it keeps, leave with its stake in the round
    // of its fees, and have the fees divided by what is left. The fees of all accounts must be covered.
    function test_2024_10_leaving_in_the_round_of_the_fees_does_not_drain_the_minter() public {
        joinAs(alice, 1000 * LPT);
        joinAs(bob, 500 * LPT);
        vm.prank(bob);
        bonding.transcoder(0, 1_000_000);
        bondAs(dave, 2, bob);
        nextRound();
        fundSender(10 ether, 0);
        redeem(newTicket(alice, 4 ether, 1));
        for (uint256 i = 0; i < 3; i++) {
            rewardAs(bob);
            redeem(newTicket(bob, 1 ether, 10 + i));
            nextRound();
        }
        rewardAs(bob);
        unbondAs(bob, bonding.pendingStake(bob, 0));
        redeem(newTicket(bob, 1 ether, 20));
        redeem(newTicket(bob, 1 ether, 21));
        nextRound();

        uint256 fees = bonding.pendingFees(bob, 0) + bonding.pendingFees(dave, 0);
        vm.assertLe(fees, 5 ether, "bob and dave get no more than bob's tickets paid");
        vm.assertLe(fees + bonding.pendingFees(alice, 0) + depositOf(sender), address(minter).balance, "ether");

        uint256 before = token.balanceOf(bob);
        nextRound();
        vm.prank(bob);
        bonding.withdrawStake(0);
        vm.assertLe(token.balanceOf(bob) - before, 500 * LPT + token.totalSupply() - 80_000 * LPT, "bob's stake");
        vm.assertGe(
            token.balanceOf(address(minter)),
            bonding.pendingStake(alice, 0) + bonding.pendingStake(dave, 0),
            "the stakes that remain are covered"
        );
    }
}
