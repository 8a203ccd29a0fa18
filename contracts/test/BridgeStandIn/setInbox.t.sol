// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../../src/bridge/arbitrum/IBridge.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeStandIn_setInbox_Test is BridgeTest {
    function test_allows_and_forbids() public {
        vm.expectEmit(address(bridge));
        emit IBridge.InboxToggle(bob, true);
        bridge.setInbox(bob, true);
        vm.assertTrue(bridge.allowedInboxes(bob));
        bridge.setInbox(bob, false);
        vm.assertFalse(bridge.allowedInboxes(bob));
    }

    function test_is_the_owners() public {
        assertRevertsSilently(stranger, address(bridge), abi.encodeCall(bridge.setInbox, (stranger, true)));
    }
}
