// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Treasury} from "../../src/governance/Treasury.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract Treasury_initialize_Test is GovernanceTest {
    event RoleAdminChanged(bytes32 indexed role, bytes32 indexed previousAdminRole, bytes32 indexed newAdminRole);
    event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);
    event MinDelayChange(uint256 oldDuration, uint256 newDuration);
    event Initialized(uint8 version);

    function test_gives_the_governor_its_roles_and_nobody_else_any() public view {
        bytes32[3] memory roles = [timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE(), timelock.EXECUTOR_ROLE()];
        for (uint256 i = 0; i < roles.length; i++) {
            vm.assertTrue(timelock.hasRole(roles[i], address(governor)));
            vm.assertFalse(timelock.hasRole(roles[i], owner));
            vm.assertFalse(timelock.hasRole(roles[i], address(0)));
            vm.assertEq(timelock.getRoleAdmin(roles[i]), timelock.TIMELOCK_ADMIN_ROLE());
        }
        vm.assertTrue(timelock.hasRole(timelock.TIMELOCK_ADMIN_ROLE(), address(timelock)));
        vm.assertFalse(timelock.hasRole(timelock.TIMELOCK_ADMIN_ROLE(), owner));
        vm.assertEq(timelock.getRoleAdmin(timelock.TIMELOCK_ADMIN_ROLE()), timelock.TIMELOCK_ADMIN_ROLE());
        vm.assertFalse(timelock.hasRole(timelock.DEFAULT_ADMIN_ROLE(), owner));
    }

    function test_announces_roles_and_delay_in_order() public {
        Treasury fresh = Treasury(payable(vm.deployCode("Treasury.sol:Treasury", "")));
        bytes32 admin = fresh.TIMELOCK_ADMIN_ROLE();
        bytes32[4] memory roles = [admin, fresh.PROPOSER_ROLE(), fresh.EXECUTOR_ROLE(), fresh.CANCELLER_ROLE()];
        for (uint256 i = 0; i < roles.length; i++) {
            vm.expectEmit(address(fresh));
            emit RoleAdminChanged(roles[i], 0, admin);
        }
        vm.expectEmit(address(fresh));
        emit RoleGranted(admin, address(fresh), owner);
        vm.expectEmit(address(fresh));
        emit RoleGranted(admin, dave, owner);
        vm.expectEmit(address(fresh));
        emit RoleGranted(roles[1], alice, owner);
        vm.expectEmit(address(fresh));
        emit RoleGranted(roles[3], alice, owner);
        vm.expectEmit(address(fresh));
        emit RoleGranted(roles[2], bob, owner);
        vm.expectEmit(address(fresh));
        emit MinDelayChange(0, 5);
        vm.expectEmit(address(fresh));
        emit Initialized(1);
        (address[] memory proposers, address[] memory executors) = (new address[](1), new address[](1));
        (proposers[0], executors[0]) = (alice, bob);
        fresh.initialize(5, proposers, executors, dave);
        vm.assertEq(fresh.getMinDelay(), 5);
    }

    function test_can_be_done_once() public {
        address[] memory nobody;
        bytes memory data = abi.encodeCall(timelock.initialize, (0, nobody, nobody, stranger));
        assertReverts(stranger, address(timelock), data, "Initializable: contract is already initialized");
    }
}
