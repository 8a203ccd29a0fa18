// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../../src/bridge/arbitrum/IBridge.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeStandIn_setOutbox_Test is BridgeTest {
    function test_allows_and_forbids() public {
        vm.expectEmit(address(bridge));
        emit IBridge.OutboxToggle(bob, true);
        bridge.setOutbox(bob, true);
        vm.assertTrue(bridge.allowedOutboxes(bob));
        bridge.setOutbox(bob, false);
        vm.assertFalse(bridge.allowedOutboxes(bob));
    }

    function test_is_the_owners() public {
        assertRevertsSilently(stranger, address(bridge), abi.encodeCall(bridge.setOutbox, (stranger, true)));
    }
}
