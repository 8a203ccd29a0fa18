// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_redeemWinningTicket_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
        fundSender(10 ether, 6 ether);
    }

    function test_pays_the_recipient_from_the_deposit() public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 3 ether, 1);
        vm.expectEmit(address(broker));
        emit ITicketBroker.WinningTicketTransfer(sender, alice, 3 ether);
        vm.expectEmit(address(broker));
        emit ITicketBroker.WinningTicketRedeemed(sender, alice, 3 ether, NEVER, 1, secretOf(1), ticket.auxData);
        redeem(ticket);
        vm.assertEq(depositOf(sender), 7 ether);
        vm.assertEq(reserveOf(sender), 6 ether);
        vm.assertTrue(broker.usedTickets(broker.getTicketHash(ticket)));
        vm.assertEq(address(minter).balance, 16 ether);
    }

    function test_takes_what_the_deposit_lacks_from_the_reserve() public {
        vm.expectEmit(address(broker));
        emit ITicketBroker.ReserveClaimed(sender, alice, 2 ether);
        redeem(newTicket(alice, 12 ether, 1));
        vm.assertEq(depositOf(sender), 0);
        vm.assertEq(reserveOf(sender), 4 ether);
        vm.assertEq(broker.claimedReserve(sender, alice), 2 ether);
    }

    function test_a_recipient_gets_its_part_of_the_reserve_and_no_more() public {
        vm.expectEmit(address(broker));
        emit ITicketBroker.WinningTicketTransfer(sender, alice, 13 ether);
        redeem(newTicket(alice, 100 ether, 1));
        vm.assertEq(reserveOf(sender), 3 ether);
        // The other half is bob's, whatever else alice has won.
        redeem(newTicket(alice, 100 ether, 2));
        vm.assertEq(reserveOf(sender), 3 ether);
        redeem(newTicket(bob, 3 ether, 3));
        vm.assertEq(reserveOf(sender), 0);
    }

    function test_a_ticket_that_pays_nothing_is_used_up_all_the_same() public {
        redeem(newTicket(alice, 100 ether, 1));
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 2);
        vm.recordLogs();
        redeem(ticket);
        vm.assertEq(countLogs(address(broker)), 1, "WinningTicketRedeemed alone");
        vm.assertTrue(broker.usedTickets(broker.getTicketHash(ticket)));
        assertReverts(stranger, address(broker), redeemData(ticket), "ticket is used");
    }

    function test_the_reserve_is_shared_anew_in_the_next_round() public {
        redeem(newTicket(alice, 13 ether, 1));
        nextRound();
        vm.assertEq(broker.claimableReserve(sender, alice), 1.5 ether);
        redeem(newTicket(alice, 100 ether, 2));
        vm.assertEq(reserveOf(sender), 1.5 ether);
    }

    // The pool's size is that of the next round: growth after a claim makes the part smaller than what was claimed.
    function test_a_pool_that_grows_after_a_claim_makes_the_claimants_next_redemption_fail() public {
        redeem(newTicket(alice, 13 ether, 1));
        joinAs(dave, LPT);
        assertPanics(stranger, address(broker), redeemData(newTicket(alice, 1 ether, 2)), 0x11);
    }

    function test_each_ticket_pays_once() public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 1);
        redeem(ticket);
        assertReverts(alice, address(broker), redeemData(ticket), "ticket is used");
    }

    function test_a_ticket_is_valid_in_its_round_and_the_next() public {
        ITicketBroker.Ticket memory first = newTicket(alice, 1 ether, 1);
        ITicketBroker.Ticket memory second = newTicket(alice, 1 ether, 2);
        nextRound();
        redeem(first);
        nextRound();
        rewardAs(alice);
        assertReverts(alice, address(broker), redeemData(second), "ticket is expired");
    }

    function test_refuses_a_ticket_of_nobody_or_for_nobody() public {
        ITicketBroker.Ticket memory ticket = newTicket(address(0), 1 ether, 1);
        assertReverts(alice, address(broker), redeemData(ticket), "ticket recipient is null address");
        ticket = newTicket(alice, 1 ether, 1);
        ticket.sender = address(0);
        assertReverts(alice, address(broker), redeemData(ticket), "ticket sender is null address");
    }

    function test_refuses_auxiliary_data_that_does_not_name_a_round_and_its_hash() public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 1);
        ticket.auxData = abi.encodePacked(ticket.auxData, uint8(0));
        string memory reason = "invalid length for ticket auxData: must be 64 bytes";
        assertReverts(alice, address(broker), redeemData(ticket), reason);
        ticket.auxData = "";
        assertReverts(alice, address(broker), redeemData(ticket), reason);
        ticket.auxData = abi.encode(FIRST_ROUND + 2, roundHash(FIRST_ROUND + 2));
        assertReverts(alice, address(broker), redeemData(ticket), "ticket creationRound does not have a block hash");
        ticket.auxData = abi.encode(FIRST_ROUND + 1, roundHash(FIRST_ROUND));
        reason = "ticket creationRoundBlockHash invalid for creationRound";
        assertReverts(alice, address(broker), redeemData(ticket), reason);
    }

    function test_tickets_of_a_round_that_was_skipped_can_never_be_redeemed() public {
        startRound(FIRST_ROUND + 3);
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 1);
        ticket.auxData = abi.encode(FIRST_ROUND + 2, bytes32(0));
        assertReverts(alice, address(broker), redeemData(ticket), "ticket creationRound does not have a block hash");
    }

    function test_needs_the_recipients_secret() public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 1);
        bytes memory data = abi.encodeCall(broker.redeemWinningTicket, (ticket, signTicket(ticket), secretOf(2)));
        assertReverts(alice, address(broker), data, "recipientRand does not match recipientRandHash");
    }

    function test_needs_the_senders_signature() public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 1);
        bytes memory signature = signTicketAs("stranger", ticket);
        bytes memory data = abi.encodeCall(broker.redeemWinningTicket, (ticket, signature, secretOf(1)));
        assertReverts(alice, address(broker), data, "invalid signature over ticket hash");
    }

    // 2022-03: another form of the same signature is another draw.
    function test_accepts_one_form_of_a_signature_only() public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 1);
        (bytes32 r, bytes32 s, uint8 v) = split(signTicket(ticket));

        bytes memory short = abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
        bytes memory data = abi.encodeCall(broker.redeemWinningTicket, (ticket, short, secretOf(1)));
        assertReverts(alice, address(broker), data, "INVALID_SIGNATURE_LENGTH");

        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes memory high = abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? 28 : 27);
        data = abi.encodeCall(broker.redeemWinningTicket, (ticket, high, secretOf(1)));
        assertReverts(alice, address(broker), data, "ECDSA: invalid signature 's' value");

        bytes memory low = abi.encodePacked(r, s, v - 27);
        data = abi.encodeCall(broker.redeemWinningTicket, (ticket, low, secretOf(1)));
        assertReverts(alice, address(broker), data, "ECDSA: invalid signature");
    }

    function split(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }

    function test_a_losing_ticket_pays_nothing() public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 1);
        ticket.winProb = 0;
        assertReverts(alice, address(broker), redeemData(ticket), "ticket did not win");
    }

    function testFuzz_wins_if_the_draw_is_below_the_probability(uint256 winProb, uint256 nonce) public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 wei, nonce);
        ticket.winProb = winProb;
        uint256 draw = uint256(keccak256(abi.encodePacked(signTicket(ticket), secretOf(nonce))));
        bytes memory data = redeemData(ticket);
        if (draw < winProb) {
            redeem(ticket);
            vm.assertEq(depositOf(sender), 10 ether - 1);
        } else {
            assertReverts(alice, address(broker), data, "ticket did not win");
        }
    }

    function test_refuses_tickets_of_an_unlocked_sender() public {
        vm.prank(sender);
        broker.unlock();
        redeem(newTicket(alice, 1 ether, 1));
        startRound(FIRST_ROUND + 3);
        rewardAs(alice);
        assertReverts(alice, address(broker), redeemData(newTicket(alice, 1 ether, 2)), "sender is unlocked");
        fundSender(0, 0);
        redeem(newTicket(alice, 1 ether, 2));
    }

    function test_refuses_tickets_of_a_sender_without_money() public {
        redeem(newTicket(alice, 13 ether, 1));
        redeem(newTicket(bob, 3 ether, 2));
        bytes memory data = redeemData(newTicket(alice, 1 ether, 3));
        assertReverts(alice, address(broker), data, "sender deposit and reserve are zero");
    }

    function test_pays_active_transcoders_only() public {
        assertReverts(dave, address(broker), redeemData(newTicket(dave, 1 ether, 1)), "transcoder must be active");
        vm.assertEq(depositOf(sender), 10 ether);
    }

    function test_anyone_may_submit() public {
        ITicketBroker.Ticket memory ticket = newTicket(alice, 1 ether, 1);
        bytes memory signature = signTicket(ticket);
        vm.prank(stranger);
        broker.redeemWinningTicket(ticket, signature, secretOf(1));
        vm.assertEq(depositOf(sender), 9 ether);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = redeemData(newTicket(alice, 1 ether, 1));
        assertNeedsRunningSystem(alice, address(broker), data);
        assertNeedsInitializedRound(alice, address(broker), data);
    }
}
