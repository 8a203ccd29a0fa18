// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_renounceRole_Test is TreasuryTest {
    event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);

    function test_gives_up_ones_own_role() public {
        vm.expectEmit(address(timelock));
        emit RoleRevoked(PROPOSER, alice, alice);
        vm.prank(alice);
        timelock.renounceRole(PROPOSER, alice);
        vm.assertFalse(timelock.hasRole(PROPOSER, alice));
    }

    function test_not_that_of_another() public {
        bytes memory data = abi.encodeCall(timelock.renounceRole, (PROPOSER, alice));
        assertReverts(bob, address(timelock), data, "AccessControl: can only renounce roles for self");
    }
}
