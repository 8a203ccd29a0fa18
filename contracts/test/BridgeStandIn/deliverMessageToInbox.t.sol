// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeStandIn_deliverMessageToInbox_Test is BridgeTest {
    function test_chains_the_hashes_of_all_messages() public {
        bytes32 acc;
        for (uint256 i = 0; i < 3; i++) {
            bytes32 hash = keccak256(abi.encode(i));
            vm.prank(address(inbox));
            vm.assertEq(bridge.deliverMessageToInbox(9, alice, hash), i);
            bytes memory message = abi.encodePacked(uint8(9), alice, block.number, block.timestamp, i, hash);
            acc = keccak256(abi.encodePacked(acc, keccak256(message)));
            vm.assertEq(bridge.inboxAccs(i), acc);
        }
        vm.assertEq(bridge.messageCount(), 3);
    }

    function test_is_an_inboxs() public {
        bytes memory data = abi.encodeCall(bridge.deliverMessageToInbox, (9, stranger, bytes32(0)));
        assertReverts(stranger, address(bridge), data, "NOT_FROM_INBOX");
    }
}
