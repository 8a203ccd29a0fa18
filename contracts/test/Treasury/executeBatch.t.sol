// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_executeBatch_Test is TreasuryTest {
    function schedule(uint256 first, uint256 second) private returns (bytes memory data, bytes32 id) {
        (address[] memory targets, uint256[] memory values, bytes[] memory payloads) = batch(first, second);
        vm.prank(alice);
        timelock.scheduleBatch(targets, values, payloads, 0, SALT, DELAY);
        data = abi.encodeCall(timelock.executeBatch, (targets, values, payloads, 0, SALT));
        id = timelock.hashOperationBatch(targets, values, payloads, 0, SALT);
    }

    function test_makes_all_calls() public {
        (bytes memory data, bytes32 id) = schedule(1, 2);
        assertReverts(bob, address(timelock), data, "TimelockController: operation is not ready");
        vm.warp(block.timestamp + DELAY);
        uint256 before = token.balanceOf(erin);
        for (uint256 i = 0; i < 2; i++) {
            vm.expectEmit(address(timelock));
            emit CallExecuted(id, i, address(token), 0, pay(i + 1));
        }
        vm.prank(bob);
        (bool ok,) = address(timelock).call(data);
        vm.assertTrue(ok);
        vm.assertEq(token.balanceOf(erin), before + 3);
    }

    function test_makes_none_if_one_fails() public {
        (bytes memory data, bytes32 id) = schedule(1, TREASURY_FUNDS);
        vm.warp(block.timestamp + DELAY);
        assertReverts(bob, address(timelock), data, "TimelockController: underlying transaction reverted");
        vm.assertEq(token.balanceOf(address(timelock)), TREASURY_FUNDS);
        vm.assertFalse(timelock.isOperationDone(id));
    }

    function test_needs_as_many_values_and_calls_as_targets() public {
        (address[] memory targets, uint256[] memory values,) = batch(1, 2);
        bytes memory data = abi.encodeCall(timelock.executeBatch, (targets, values, new bytes[](1), 0, SALT));
        assertReverts(bob, address(timelock), data, "TimelockController: length mismatch");
    }

    function test_is_reserved_to_executors() public {
        (bytes memory data,) = schedule(1, 2);
        vm.warp(block.timestamp + DELAY);
        assertReverts(alice, address(timelock), data, missingRole(alice, EXECUTOR));
    }
}
