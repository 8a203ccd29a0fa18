// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_bondWithHint_Test is ProtocolTest {
    function test_hints_place_both_delegates() public {
        joinAs(alice, 40 * LPT);
        joinAs(bob, 30 * LPT);
        joinAs(dave, 20 * LPT);
        bondAs(carol, 15 * LPT, alice);
        nextRound();
        // alice falls to 40, bob rises to 45.
        vm.prank(carol);
        bonding.bondWithHint(0, bob, bob, dave, address(0), alice);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
        vm.assertEq(bonding.getNextTranscoderInPool(bob), alice);
        vm.assertEq(bonding.getNextTranscoderInPool(alice), dave);
    }

    function testFuzz_the_order_does_not_depend_on_hints(address a, address b, uint256 amount) public {
        joinAs(alice, 40 * LPT);
        joinAs(bob, 30 * LPT);
        joinAs(dave, 20 * LPT);
        amount = bound(amount, 1, 100 * LPT);
        vm.prank(carol);
        bonding.bondWithHint(amount, dave, a, b, b, a);
        address first = bonding.getFirstTranscoderInPool();
        address second = bonding.getNextTranscoderInPool(first);
        address third = bonding.getNextTranscoderInPool(second);
        vm.assertGe(bonding.transcoderTotalStake(first), bonding.transcoderTotalStake(second), "first and second");
        vm.assertGe(bonding.transcoderTotalStake(second), bonding.transcoderTotalStake(third), "second and third");
        vm.assertEq(bonding.getNextTranscoderInPool(third), address(0));
    }
}
