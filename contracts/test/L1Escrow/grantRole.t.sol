// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1Escrow_grantRole_Test is BridgeTest {
    function test_hands_the_administration_over() public {
        escrow.grantRole(bytes32(0), bob);
        escrow.renounceRole(bytes32(0), address(this));
        vm.prank(bob);
        escrow.approve(address(l1Token), bob, 5);
        assertReverts(
            address(this),
            address(escrow),
            abi.encodeCall(escrow.approve, (address(l1Token), bob, 1)),
            missingRole(address(this), bytes32(0))
        );
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(escrow), abi.encodeCall(escrow.grantRole, (bytes32(0), stranger)));
    }
}
