// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

/// @title Attempts to get more out of the Minter than was paid in
contract Incidents_minter_Test is ProtocolTest {
    // 2024-10, version 10, D#677: the Minter, which holds everybody's money, could be drained. How was not
    // published; this is a way that versions before 12 left open. An orchestrator loses its place in the pool, takes
    // in stake that its history does not show, and redeems its own tickets: fees per unit of stake are those of the
    // old stake, and all of the new stake is paid them.
    function test_2024_10_stake_that_an_evicted_orchestrator_takes_in_does_not_drain_the_minter() public {
        startWithTranscoders();
        fundSender(100 ether, 0);
        redeem(newTicket(alice, 50 ether, 1));
        rewardAs(bob);
        joinAs(dave, 2000 * LPT);
        joinAs(erin, 3000 * LPT);
        bondAs(stranger, 400 * LPT, bob);
        redeem(newTicket(bob, 10 ether, 2));
        nextRound();
        bytes memory ticket = redeemData(newTicket(bob, 20 ether, 3));
        (bool paid,) = address(broker).call(ticket);
        nextRound();

        uint256 fees = bonding.pendingFees(bob, 0) + bonding.pendingFees(stranger, 0);
        vm.assertLe(fees, paid ? 30 ether : 10 ether, "bob and his delegator share what was paid to bob");
        fees += bonding.pendingFees(alice, 0) + bonding.pendingFees(carol, 0);
        vm.assertLe(fees + depositOf(sender), address(minter).balance, "the Minter can pay everybody");
    }
}
