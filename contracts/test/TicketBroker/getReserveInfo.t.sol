// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_getReserveInfo_Test is ProtocolTest {
    function test_counts_claims_of_the_current_round_only() public {
        startWithTranscoders();
        fundSender(0, 6 ether);
        redeem(newTicket(alice, 1 ether, 1));
        redeem(newTicket(bob, 2 ether, 2));
        vm.assertEq(broker.getReserveInfo(sender).claimedInCurrentRound, 3 ether);
        nextRound();
        vm.assertEq(broker.getReserveInfo(sender).claimedInCurrentRound, 0);
        vm.assertEq(broker.getReserveInfo(sender).fundsRemaining, 3 ether);
    }
}
