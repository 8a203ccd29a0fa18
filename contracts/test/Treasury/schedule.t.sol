// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_schedule_Test is TreasuryTest {
    function test_announces_a_call_and_when_it_can_be_made() public {
        bytes32 id = timelock.hashOperation(address(token), 0, pay(LPT), 0, SALT);
        vm.expectEmit(address(timelock));
        emit CallScheduled(id, 0, address(token), 0, pay(LPT), 0, DELAY);
        vm.expectEmit(address(timelock));
        emit CallSalt(id, SALT);
        schedulePayment(LPT, 0);
        vm.assertEq(timelock.getTimestamp(id), block.timestamp + DELAY);
        vm.assertTrue(timelock.isOperation(id));
        vm.assertTrue(timelock.isOperationPending(id));
        vm.assertFalse(timelock.isOperationReady(id));
        vm.assertFalse(timelock.isOperationDone(id));
    }

    function test_needs_the_whole_delay() public {
        bytes memory data = abi.encodeCall(timelock.schedule, (address(token), 0, pay(LPT), 0, SALT, DELAY - 1));
        assertReverts(alice, address(timelock), data, "TimelockController: insufficient delay");
    }

    function test_the_same_operation_is_refused_the_second_time() public {
        schedulePayment(LPT, 0);
        bytes memory data = abi.encodeCall(timelock.schedule, (address(token), 0, pay(LPT), 0, SALT, DELAY));
        assertReverts(alice, address(timelock), data, "TimelockController: operation already scheduled");
    }

    function test_is_reserved_to_proposers() public {
        bytes memory data = abi.encodeCall(timelock.schedule, (address(token), 0, pay(LPT), 0, SALT, DELAY));
        assertReverts(stranger, address(timelock), data, missingRole(stranger, PROPOSER));
        assertReverts(owner, address(timelock), data, missingRole(owner, PROPOSER));
    }
}
