// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_execute_Test is TreasuryTest {
    function test_makes_the_call_once_the_delay_has_passed() public {
        bytes32 id = schedulePayment(LPT, 0);
        bytes memory data = abi.encodeCall(timelock.execute, (address(token), 0, pay(LPT), 0, SALT));
        vm.warp(block.timestamp + DELAY - 1);
        assertReverts(bob, address(timelock), data, "TimelockController: operation is not ready");
        vm.warp(block.timestamp + 1);
        uint256 before = token.balanceOf(erin);
        vm.expectEmit(address(timelock));
        emit CallExecuted(id, 0, address(token), 0, pay(LPT));
        vm.prank(bob);
        timelock.execute(address(token), 0, pay(LPT), 0, SALT);
        vm.assertEq(token.balanceOf(erin), before + LPT);
        vm.assertTrue(timelock.isOperationDone(id));
        vm.assertEq(timelock.getTimestamp(id), 1);
        assertReverts(bob, address(timelock), data, "TimelockController: operation is not ready");
    }

    function test_waits_for_the_operation_that_it_names() public {
        bytes32 first = schedulePayment(1, 0);
        schedulePayment(2, first);
        vm.warp(block.timestamp + DELAY);
        bytes memory data = abi.encodeCall(timelock.execute, (address(token), 0, pay(2), first, SALT));
        assertReverts(bob, address(timelock), data, "TimelockController: missing dependency");
        vm.prank(bob);
        timelock.execute(address(token), 0, pay(1), 0, SALT);
        vm.prank(bob);
        timelock.execute(address(token), 0, pay(2), first, SALT);
    }

    function test_fails_with_the_call() public {
        bytes32 id = schedulePayment(TREASURY_FUNDS + 1, 0);
        vm.warp(block.timestamp + DELAY);
        bytes memory data = abi.encodeCall(timelock.execute, (address(token), 0, pay(TREASURY_FUNDS + 1), 0, SALT));
        assertReverts(bob, address(timelock), data, "TimelockController: underlying transaction reverted");
        vm.assertTrue(timelock.isOperationReady(id));
    }

    function test_is_reserved_to_executors_until_everybody_is_one() public {
        schedulePayment(LPT, 0);
        vm.warp(block.timestamp + DELAY);
        bytes memory data = abi.encodeCall(timelock.execute, (address(token), 0, pay(LPT), 0, SALT));
        assertReverts(stranger, address(timelock), data, missingRole(stranger, EXECUTOR));
        vm.prank(address(timelock));
        timelock.grantRole(EXECUTOR, address(0));
        vm.prank(stranger);
        timelock.execute(address(token), 0, pay(LPT), 0, SALT);
    }
}
