// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_isValidUnbondingLock_Test is ProtocolTest {
    function test_is_valid_until_it_is_used() public {
        startWithTranscoders();
        vm.assertFalse(bonding.isValidUnbondingLock(carol, 0));
        unbondAs(carol, 1);
        vm.assertTrue(bonding.isValidUnbondingLock(carol, 0));
        vm.prank(carol);
        bonding.rebond(0);
        vm.assertFalse(bonding.isValidUnbondingLock(carol, 0));
    }
}
