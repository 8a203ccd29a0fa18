// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_claimableReserve_Test is ProtocolTest {
    function test_is_an_equal_part_for_every_active_transcoder() public {
        startWithTranscoders();
        fundSender(0, 7);
        vm.assertEq(broker.claimableReserve(sender, alice), 3);
        vm.assertEq(broker.claimableReserve(sender, bob), 3);
        vm.assertEq(broker.claimableReserve(sender, carol), 0);
    }

    function test_is_nothing_where_nobody_is_in_the_pool() public {
        fundSender(0, 7);
        vm.assertEq(broker.claimableReserve(sender, alice), 0);
        joinAs(alice, LPT);
        nextRound();
        unbondAs(alice, LPT);
        vm.assertEq(broker.claimableReserve(sender, alice), 0);
    }

    function test_shrinks_by_what_was_claimed() public {
        startWithTranscoders();
        fundSender(0, 6 ether);
        redeem(newTicket(alice, 1 ether, 1));
        vm.assertEq(broker.claimableReserve(sender, alice), 2 ether);
        vm.assertEq(broker.claimableReserve(sender, bob), 3 ether);
    }
}
