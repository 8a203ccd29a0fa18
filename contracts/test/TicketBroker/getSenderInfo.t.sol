// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/tickets/ITicketBroker.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_getSenderInfo_Test is ProtocolTest {
    function test_gives_deposit_unlock_and_reserve() public {
        startWithTranscoders();
        fundSender(10 ether, 6 ether);
        redeem(newTicket(alice, 12 ether, 1));
        fundSender(1 ether, 0);
        vm.prank(sender);
        broker.unlock();
        (ITicketBroker.Sender memory info, ITicketBroker.ReserveInfo memory reserve) = broker.getSenderInfo(sender);
        vm.assertEq(info.deposit, 1 ether);
        vm.assertEq(info.withdrawRound, FIRST_ROUND + 3);
        vm.assertEq(reserve.fundsRemaining, 4 ether);
        vm.assertEq(reserve.claimedInCurrentRound, 2 ether);
    }
}
