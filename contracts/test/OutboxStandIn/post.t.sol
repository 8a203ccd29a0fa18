// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOutboxStandIn} from "../../src/dev/IOutboxStandIn.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract OutboxStandIn_post_Test is BridgeTest {
    function test_starts_the_challenge_period() public {
        vm.warp(1_000);
        vm.expectEmit(address(outbox));
        emit IOutboxStandIn.MessagePosted(0, bytes32(uint256(1)), 1_100);
        vm.prank(poster);
        outbox.post(0, bytes32(uint256(1)));
        vm.assertEq(outbox.postedCount(), 1);
        vm.assertEq(outbox.items(0), bytes32(uint256(1)));
        vm.assertEq(outbox.executableFrom(0), 1_100);
        vm.assertEq(outbox.poster(), poster);
        vm.assertEq(outbox.challengePeriod(), CHALLENGE_PERIOD);
    }

    function test_takes_each_message_once_and_in_order() public {
        vm.prank(poster);
        outbox.post(0, bytes32(0));
        bytes memory reason = abi.encodeWithSelector(IOutboxStandIn.WrongIndex.selector, 1);
        assertRevertsWith(poster, address(outbox), abi.encodeCall(outbox.post, (0, bytes32(0))), reason);
        assertRevertsWith(poster, address(outbox), abi.encodeCall(outbox.post, (2, bytes32(0))), reason);
    }

    function test_is_the_posters() public {
        bytes memory reason = abi.encodeWithSelector(IOutboxStandIn.NotPoster.selector);
        assertRevertsWith(owner, address(outbox), abi.encodeCall(outbox.post, (0, bytes32(0))), reason);
    }
}
