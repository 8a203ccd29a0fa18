// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOutbox} from "../../src/bridge/arbitrum/IOutbox.sol";
import {IOutboxStandIn} from "../../src/dev/IOutboxStandIn.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract OutboxStandIn_executeTransaction_Test is BridgeTest {
    bool private open = true;
    uint256 private calls;

    function look() external {
        require(open, "closed");
        calls++;
        vm.assertEq(outbox.l2ToL1Sender(), carol);
        vm.assertEq(outbox.l2ToL1Block(), 5);
        vm.assertEq(outbox.l2ToL1EthBlock(), 6);
        vm.assertEq(outbox.l2ToL1Timestamp(), 7);
    }

    function failSilently() external pure {
        assembly {
            revert(0, 0)
        }
    }

    function posted(bytes memory data) private returns (bytes memory call) {
        (, call) = postFromLayer2(carol, address(this), data);
    }

    function run(bytes memory call) private {
        vm.prank(stranger);
        (bool ok,) = address(outbox).call(call);
        vm.assertTrue(ok);
    }

    function test_anybody_may_carry_a_message_out() public {
        bytes memory call = posted(abi.encodeCall(this.look, ()));
        vm.expectEmit(address(outbox));
        emit IOutbox.OutBoxTransactionExecuted(address(this), carol, 0, 0);
        run(call);
        vm.assertEq(calls, 1);
        vm.assertTrue(outbox.isSpent(0));
        vm.assertEq(outbox.l2ToL1Sender(), address(0));
        vm.assertEq(outbox.l2ToL1Block(), 0);
    }

    function test_a_message_is_carried_out_once() public {
        bytes memory call = posted(abi.encodeCall(this.look, ()));
        run(call);
        bytes memory reason = abi.encodeWithSelector(IOutboxStandIn.AlreadySpent.selector, 0);
        assertRevertsWith(stranger, address(outbox), call, reason);
        vm.assertEq(calls, 1);
    }

    function test_a_failing_message_is_kept() public {
        bytes memory call = posted(abi.encodeCall(this.look, ()));
        open = false;
        assertReverts(stranger, address(outbox), call, "closed");
        vm.assertFalse(outbox.isSpent(0));
        open = true;
        run(call);
        vm.assertEq(calls, 1);
    }

    function test_says_when_a_call_fails_without_a_reason() public {
        bytes memory call = posted(abi.encodeCall(this.failSilently, ()));
        bytes memory reason = abi.encodeWithSelector(IOutboxStandIn.BridgeCallFailed.selector);
        assertRevertsWith(stranger, address(outbox), call, reason);
    }

    function test_waits_for_the_end_of_the_challenge_period() public {
        bytes memory call = posted(abi.encodeCall(this.look, ()));
        uint256 from = outbox.executableFrom(0);
        vm.warp(from - 1);
        bytes memory reason = abi.encodeWithSelector(IOutboxStandIn.ChallengePeriodNotOver.selector, from);
        assertRevertsWith(stranger, address(outbox), call, reason);
        vm.warp(from);
        run(call);
    }

    function test_takes_nothing_but_what_was_posted() public {
        posted(abi.encodeCall(this.look, ()));
        bytes32[] memory proof = new bytes32[](0);
        bytes memory look = abi.encodeCall(this.look, ());
        bytes memory reason = abi.encodeWithSelector(IOutboxStandIn.UnknownMessage.selector, 0);
        bytes memory call =
            abi.encodeCall(outbox.executeTransaction, (proof, 0, stranger, address(this), 5, 6, 7, 0, look));
        assertRevertsWith(stranger, address(outbox), call, reason);
        reason = abi.encodeWithSelector(IOutboxStandIn.UnknownMessage.selector, 1);
        call = abi.encodeCall(outbox.executeTransaction, (proof, 1, carol, address(this), 5, 6, 7, 0, look));
        assertRevertsWith(stranger, address(outbox), call, reason);
    }

    function test_every_part_of_a_message_is_hashed() public view {
        bytes32 hash = outbox.calculateItemHash(carol, dave, 1, 2, 3, 4, hex"05");
        bytes memory packed = abi.encodePacked(carol, dave, uint256(1), uint256(2), uint256(3), uint256(4), hex"05");
        vm.assertEq(hash, keccak256(packed));
    }
}
