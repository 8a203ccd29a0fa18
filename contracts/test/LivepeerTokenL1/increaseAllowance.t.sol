// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_increaseAllowance_Test is L1TokenTest {
    function test_adds() public {
        vm.prank(alice);
        l1Token.approve(bob, 5);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Approval(alice, bob, 12);
        vm.prank(alice);
        vm.assertTrue(l1Token.increaseAllowance(bob, 7));
    }

    function test_stops_at_the_largest_number() public {
        vm.prank(alice);
        l1Token.approve(bob, type(uint256).max - 1);
        assertRefused(alice, abi.encodeCall(l1Token.increaseAllowance, (bob, 2)));
        vm.prank(alice);
        l1Token.increaseAllowance(bob, 1);
        vm.assertEq(l1Token.allowance(alice, bob), type(uint256).max);
    }

    function test_cannot_name_the_zero_address() public {
        assertRefused(alice, abi.encodeCall(l1Token.increaseAllowance, (address(0), 1)));
    }
}
