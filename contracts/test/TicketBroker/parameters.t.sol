// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_parameters_Test is ProtocolTest {
    function test_parameters_are_what_the_owner_has_set() public view {
        vm.assertEq(broker.unlockPeriod(), 2);
        vm.assertEq(broker.ticketValidityPeriod(), 2);
    }
}
