// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../../src/bridge/arbitrum/IBridge.sol";
import {IInbox} from "../../src/bridge/arbitrum/IInbox.sol";
import {InboxStandIn} from "../../src/dev/InboxStandIn.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract InboxStandIn_createRetryableTicket_Test is BridgeTest {
    function create(uint256 callValue, uint256 submissionCost, bytes memory data) private view returns (bytes memory) {
        return abi.encodeCall(
            inbox.createRetryableTicket, (carol, callValue, submissionCost, alice, address(escrow), 100, 3, data)
        );
    }

    function pack(uint256 callValue, uint256 value, bytes memory data) private view returns (bytes memory) {
        // Contracts get their refunds at the alias, which is theirs on layer 2.
        return abi.encodePacked(
            abi.encode(carol, callValue, value, 50, alice, aliasOf(address(escrow)), 100, 3, data.length), data
        );
    }

    function send(uint256 value, bytes memory data) private returns (bool ok, bytes memory result) {
        vm.prank(alice);
        (ok, result) = address(inbox).call{value: value}(data);
    }

    function test_numbers_the_message_under_the_senders_alias_and_keeps_its_eth() public {
        bytes memory packed = pack(7, 357, hex"abcd");
        vm.expectEmit(address(bridge));
        emit IBridge.MessageDelivered(0, bytes32(0), address(inbox), 9, aliasOf(alice), keccak256(packed));
        vm.expectEmit(address(inbox));
        emit IInbox.InboxMessageDelivered(0, packed);
        (bool ok, bytes memory result) = send(357, create(7, 50, hex"abcd"));
        vm.assertTrue(ok);
        vm.assertEq(abi.decode(result, (uint256)), 0);
        vm.assertEq(address(bridge).balance, 357);
        (ok, result) = send(357, create(7, 50, ""));
        vm.assertEq(abi.decode(result, (uint256)), 1);
        vm.assertEq(bridge.messageCount(), 2);
    }

    function test_takes_more_than_it_needs_for_a_refund() public {
        vm.expectEmit(address(inbox));
        emit IInbox.InboxMessageDelivered(0, pack(7, 1000, ""));
        (bool ok,) = send(1000, create(7, 50, ""));
        vm.assertTrue(ok);
    }

    function test_must_be_paid() public {
        (bool ok, bytes memory result) = send(356, create(7, 50, ""));
        vm.assertFalse(ok);
        vm.assertEq(result, abi.encodeWithSelector(InboxStandIn.InsufficientValue.selector, 357, 356), "reason");
    }

    function test_the_submission_cost_must_cover_the_block_s_fee() public {
        vm.fee(2);
        uint256 fee = 2 * (1_400 + 6 * 10);
        (bool ok, bytes memory result) = send(1 ether, create(0, fee - 1, new bytes(10)));
        vm.assertFalse(ok);
        bytes memory reason = abi.encodeWithSelector(InboxStandIn.InsufficientSubmissionCost.selector, fee, fee - 1);
        vm.assertEq(result, reason, "reason");
        (ok,) = send(1 ether, create(0, fee, new bytes(10)));
        vm.assertTrue(ok);
    }

    function test_data_fits_one_transaction_of_layer_2() public {
        (bool ok, bytes memory result) = send(1 ether, create(0, 50, new bytes(16_385)));
        vm.assertFalse(ok);
        vm.assertEq(result, abi.encodeWithSelector(InboxStandIn.DataTooLarge.selector, 16_385, 16_384), "reason");
        (ok,) = send(1 ether, create(0, 50, new bytes(16_384)));
        vm.assertTrue(ok);
    }
}
