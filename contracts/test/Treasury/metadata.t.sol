// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_metadata_Test is TreasuryTest {
    function test_the_id_of_an_operation_is_the_hash_of_what_it_does() public view {
        vm.assertEq(
            timelock.hashOperation(address(token), 0, pay(1), SALT, SALT),
            keccak256(abi.encode(address(token), 0, pay(1), SALT, SALT))
        );
        (address[] memory targets, uint256[] memory values, bytes[] memory payloads) = batch(1, 2);
        vm.assertEq(
            timelock.hashOperationBatch(targets, values, payloads, SALT, SALT),
            keccak256(abi.encode(targets, values, payloads, SALT, SALT))
        );
    }

    function test_nothing_is_known_of_an_unknown_operation() public view {
        vm.assertFalse(timelock.isOperation(SALT));
        vm.assertFalse(timelock.isOperationPending(SALT));
        vm.assertFalse(timelock.isOperationReady(SALT));
        vm.assertFalse(timelock.isOperationDone(SALT));
        vm.assertEq(timelock.getTimestamp(SALT), 0);
    }

    function test_names_its_roles_and_interfaces() public view {
        vm.assertEq(timelock.PROPOSER_ROLE(), PROPOSER);
        vm.assertEq(timelock.EXECUTOR_ROLE(), EXECUTOR);
        vm.assertEq(timelock.CANCELLER_ROLE(), CANCELLER);
        vm.assertEq(timelock.TIMELOCK_ADMIN_ROLE(), ADMIN);
        vm.assertEq(timelock.DEFAULT_ADMIN_ROLE(), 0);
        vm.assertTrue(timelock.supportsInterface(0x01ffc9a7));
        vm.assertTrue(timelock.supportsInterface(0x4e2312e0));
        vm.assertFalse(timelock.supportsInterface(0xffffffff));
    }
}
