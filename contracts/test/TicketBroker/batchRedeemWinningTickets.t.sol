// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_batchRedeemWinningTickets_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
        fundSender(10 ether, 6 ether);
    }

    function batch(uint256 size)
        private
        view
        returns (ITicketBroker.Ticket[] memory tickets, bytes[] memory signatures, uint256[] memory secrets)
    {
        tickets = new ITicketBroker.Ticket[](size);
        signatures = new bytes[](size);
        secrets = new uint256[](size);
        for (uint256 i = 0; i < size; i++) {
            tickets[i] = newTicket(i % 2 == 0 ? alice : bob, 1 ether, i);
            signatures[i] = signTicket(tickets[i]);
            secrets[i] = secretOf(i);
        }
    }

    function test_redeems_all() public {
        (ITicketBroker.Ticket[] memory tickets, bytes[] memory signatures, uint256[] memory secrets) = batch(4);
        vm.prank(stranger);
        broker.batchRedeemWinningTickets(tickets, signatures, secrets);
        vm.assertEq(depositOf(sender), 6 ether);
    }

    function test_passes_over_tickets_that_fail() public {
        (ITicketBroker.Ticket[] memory tickets, bytes[] memory signatures, uint256[] memory secrets) = batch(4);
        secrets[0] = 0;
        signatures[2] = "";
        broker.batchRedeemWinningTickets(tickets, signatures, secrets);
        vm.assertEq(depositOf(sender), 8 ether);
        vm.assertFalse(broker.usedTickets(broker.getTicketHash(tickets[0])));
        vm.assertTrue(broker.usedTickets(broker.getTicketHash(tickets[1])));
    }

    function test_the_same_ticket_twice_pays_once() public {
        (ITicketBroker.Ticket[] memory tickets, bytes[] memory signatures, uint256[] memory secrets) = batch(2);
        (tickets[1], signatures[1], secrets[1]) = (tickets[0], signatures[0], secrets[0]);
        broker.batchRedeemWinningTickets(tickets, signatures, secrets);
        vm.assertEq(depositOf(sender), 9 ether);
    }

    function test_needs_a_signature_and_a_secret_for_every_ticket() public {
        (ITicketBroker.Ticket[] memory tickets, bytes[] memory signatures,) = batch(2);
        bytes memory data = abi.encodeCall(broker.batchRedeemWinningTickets, (tickets, signatures, new uint256[](1)));
        assertPanics(alice, address(broker), data, 0x32);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        (ITicketBroker.Ticket[] memory tickets, bytes[] memory signatures, uint256[] memory secrets) = batch(1);
        bytes memory data = abi.encodeCall(broker.batchRedeemWinningTickets, (tickets, signatures, secrets));
        assertNeedsRunningSystem(alice, address(broker), data);
        assertNeedsInitializedRound(alice, address(broker), data);
    }
}
