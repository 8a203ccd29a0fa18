// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_setTicketValidityPeriod_Test is ProtocolTest {
    function test_sets_the_value_and_announces_it() public {
        vm.expectEmit(address(broker));
        emit IManager.ParameterUpdate("ticketValidityPeriod");
        broker.setTicketValidityPeriod(5);
        vm.assertEq(broker.ticketValidityPeriod(), 5);
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(broker), abi.encodeCall(broker.setTicketValidityPeriod, (5)));
    }

    function test_refuses_zero() public {
        assertReverts(
            owner,
            address(broker),
            abi.encodeCall(broker.setTicketValidityPeriod, (0)),
            "ticketValidityPeriod must be greater than 0"
        );
    }
}
