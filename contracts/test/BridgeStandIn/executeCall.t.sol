// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../../src/bridge/arbitrum/IBridge.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeStandIn_executeCall_Test is BridgeTest {
    address private seenOutbox;

    function look() external returns (uint256) {
        seenOutbox = bridge.activeOutbox();
        return 7;
    }

    function fail() external pure {
        revert("no");
    }

    function test_calls_while_the_outbox_is_active() public {
        bytes memory data = abi.encodeCall(this.look, ());
        vm.expectEmit(address(bridge));
        emit IBridge.BridgeCallTriggered(address(outbox), address(this), 0, data);
        vm.prank(address(outbox));
        (bool ok, bytes memory result) = bridge.executeCall(address(this), 0, data);
        vm.assertTrue(ok);
        vm.assertEq(result, abi.encode(7), "result");
        vm.assertEq(seenOutbox, address(outbox));
        vm.assertEq(bridge.activeOutbox(), address(0));
    }

    function test_hands_a_failure_back() public {
        vm.prank(address(outbox));
        (bool ok, bytes memory result) = bridge.executeCall(address(this), 0, abi.encodeCall(this.fail, ()));
        vm.assertFalse(ok);
        vm.assertEq(result, abi.encodeWithSignature("Error(string)", "no"), "reason");
    }

    function test_pays_eth() public {
        vm.deal(address(bridge), 5);
        vm.prank(address(outbox));
        bridge.executeCall(account("poor"), 5, "");
        vm.assertEq(account("poor").balance, 5);
    }

    function test_is_an_outboxs_and_calls_code_only() public {
        bytes memory data = abi.encodeCall(bridge.executeCall, (address(this), 0, ""));
        assertReverts(stranger, address(bridge), data, "NOT_FROM_OUTBOX");
        data = abi.encodeCall(bridge.executeCall, (alice, 0, hex"00"));
        assertReverts(address(outbox), address(bridge), data, "NO_CODE_AT_DEST");
    }
}
