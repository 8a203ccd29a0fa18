// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_grantRole_Test is TreasuryTest {
    event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);

    function test_the_treasury_administers_itself() public {
        vm.expectEmit(address(timelock));
        emit RoleGranted(PROPOSER, dave, address(timelock));
        vm.prank(address(timelock));
        timelock.grantRole(PROPOSER, dave);
        vm.assertTrue(timelock.hasRole(PROPOSER, dave));
    }

    function test_is_reserved_to_the_administrator() public {
        bytes memory data = abi.encodeCall(timelock.grantRole, (PROPOSER, alice));
        assertReverts(alice, address(timelock), data, missingRole(alice, ADMIN));
        assertReverts(owner, address(timelock), data, missingRole(owner, ADMIN));
    }
}
