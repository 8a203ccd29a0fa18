// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract TicketBroker_setUnlockPeriod_Test is ProtocolTest {
    function test_sets_the_value_and_announces_it() public {
        vm.expectEmit(address(broker));
        emit IManager.ParameterUpdate("unlockPeriod");
        broker.setUnlockPeriod(5);
        vm.assertEq(broker.unlockPeriod(), 5);
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(broker), abi.encodeCall(broker.setUnlockPeriod, (5)));
    }
}
