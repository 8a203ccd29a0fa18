// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_claimedReserve_Test is ProtocolTest {
    function test_counts_per_claimant_and_round() public {
        startWithTranscoders();
        fundSender(0, 6 ether);
        redeem(newTicket(alice, 1 ether, 1));
        redeem(newTicket(alice, 0.5 ether, 2));
        vm.assertEq(broker.claimedReserve(sender, alice), 1.5 ether);
        vm.assertEq(broker.claimedReserve(sender, bob), 0);
        nextRound();
        vm.assertEq(broker.claimedReserve(sender, alice), 0);
    }
}
