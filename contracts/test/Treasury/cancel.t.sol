// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_cancel_Test is TreasuryTest {
    event Cancelled(bytes32 indexed id);

    function test_forgets_an_operation() public {
        bytes32 id = schedulePayment(LPT, 0);
        vm.expectEmit(address(timelock));
        emit Cancelled(id);
        vm.prank(carol);
        timelock.cancel(id);
        vm.assertFalse(timelock.isOperation(id));
        vm.warp(block.timestamp + DELAY);
        bytes memory data = abi.encodeCall(timelock.execute, (address(token), 0, pay(LPT), 0, SALT));
        assertReverts(bob, address(timelock), data, "TimelockController: operation is not ready");
        schedulePayment(LPT, 0);
    }

    function test_refuses_what_is_done_or_unknown() public {
        bytes memory data = abi.encodeCall(timelock.cancel, (SALT));
        assertReverts(carol, address(timelock), data, "TimelockController: operation cannot be cancelled");
        bytes32 id = schedulePayment(LPT, 0);
        vm.warp(block.timestamp + DELAY);
        vm.prank(bob);
        timelock.execute(address(token), 0, pay(LPT), 0, SALT);
        data = abi.encodeCall(timelock.cancel, (id));
        assertReverts(carol, address(timelock), data, "TimelockController: operation cannot be cancelled");
    }

    function test_is_reserved_to_cancellers() public {
        bytes memory data = abi.encodeCall(timelock.cancel, (schedulePayment(LPT, 0)));
        assertReverts(alice, address(timelock), data, missingRole(alice, CANCELLER));
    }
}
