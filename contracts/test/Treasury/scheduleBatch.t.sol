// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_scheduleBatch_Test is TreasuryTest {
    function test_announces_every_call() public {
        (address[] memory targets, uint256[] memory values, bytes[] memory payloads) = batch(1, 2);
        bytes32 id = timelock.hashOperationBatch(targets, values, payloads, 0, SALT);
        for (uint256 i = 0; i < 2; i++) {
            vm.expectEmit(address(timelock));
            emit CallScheduled(id, i, address(token), 0, pay(i + 1), 0, DELAY);
        }
        vm.expectEmit(address(timelock));
        emit CallSalt(id, SALT);
        vm.prank(alice);
        timelock.scheduleBatch(targets, values, payloads, 0, SALT, DELAY);
        vm.assertTrue(timelock.isOperationPending(id));
    }

    function test_needs_as_many_values_and_calls_as_targets() public {
        (address[] memory targets, uint256[] memory values, bytes[] memory payloads) = batch(1, 2);
        bytes memory data =
            abi.encodeCall(timelock.scheduleBatch, (targets, new uint256[](1), payloads, 0, SALT, DELAY));
        assertReverts(alice, address(timelock), data, "TimelockController: length mismatch");
        data = abi.encodeCall(timelock.scheduleBatch, (targets, values, new bytes[](3), 0, SALT, DELAY));
        assertReverts(alice, address(timelock), data, "TimelockController: length mismatch");
    }

    function test_is_reserved_to_proposers() public {
        (address[] memory targets, uint256[] memory values, bytes[] memory payloads) = batch(1, 2);
        bytes memory data = abi.encodeCall(timelock.scheduleBatch, (targets, values, payloads, 0, SALT, DELAY));
        assertReverts(bob, address(timelock), data, missingRole(bob, PROPOSER));
    }
}
