// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getDelegatorUnbondingLock_Test is ProtocolTest {
    function test_gives_zeros_for_a_lock_that_does_not_exist() public view {
        (uint256 amount, uint256 withdrawRound) = bonding.getDelegatorUnbondingLock(alice, 7);
        vm.assertEq(amount, 0);
        vm.assertEq(withdrawRound, 0);
    }

    function test_gives_amount_and_round() public {
        startWithTranscoders();
        unbondAs(bob, 3);
        (uint256 amount, uint256 withdrawRound) = bonding.getDelegatorUnbondingLock(bob, 0);
        vm.assertEq(amount, 3);
        vm.assertEq(withdrawRound, FIRST_ROUND + 1 + UNBONDING_PERIOD);
    }
}
