// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_revokeRole_Test is TreasuryTest {
    event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);

    function test_the_treasury_administers_itself() public {
        vm.expectEmit(address(timelock));
        emit RoleRevoked(PROPOSER, alice, address(timelock));
        vm.prank(address(timelock));
        timelock.revokeRole(PROPOSER, alice);
        bytes memory data = abi.encodeCall(timelock.schedule, (address(token), 0, pay(LPT), 0, SALT, DELAY));
        assertReverts(alice, address(timelock), data, missingRole(alice, PROPOSER));
    }

    function test_is_reserved_to_the_administrator() public {
        bytes memory data = abi.encodeCall(timelock.revokeRole, (PROPOSER, alice));
        assertReverts(bob, address(timelock), data, missingRole(bob, ADMIN));
    }
}
