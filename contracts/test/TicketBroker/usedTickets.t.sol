// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_usedTickets_Test is ProtocolTest {
    function test_marks_redeemed_tickets_and_no_others() public {
        startWithTranscoders();
        fundSender(1 ether, 0);
        bytes32 first = broker.getTicketHash(newTicket(alice, 1, 1));
        bytes32 second = broker.getTicketHash(newTicket(alice, 1, 2));
        redeem(newTicket(alice, 1, 1));
        vm.assertTrue(broker.usedTickets(first));
        vm.assertFalse(broker.usedTickets(second));
    }
}
