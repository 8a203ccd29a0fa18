// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_transferFrom_Test is L1TokenTest {
    function test_uses_the_allowance_up_and_says_what_is_left() public {
        vm.prank(alice);
        l1Token.approve(bob, 50);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Transfer(alice, stranger, 20);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Approval(alice, bob, 30);
        vm.prank(bob);
        vm.assertTrue(l1Token.transferFrom(alice, stranger, 20));
        vm.assertEq(l1Token.balanceOf(stranger), 20);
        vm.assertEq(l1Token.allowance(alice, bob), 30);
    }

    function test_even_the_largest_allowance_shrinks() public {
        vm.prank(alice);
        l1Token.approve(bob, type(uint256).max);
        vm.prank(bob);
        l1Token.transferFrom(alice, bob, 1);
        vm.assertEq(l1Token.allowance(alice, bob), type(uint256).max - 1);
    }

    function test_needs_the_allowance_and_the_tokens() public {
        assertRefused(bob, abi.encodeCall(l1Token.transferFrom, (alice, bob, 1)));
        vm.prank(alice);
        l1Token.approve(bob, 1000);
        assertRefused(bob, abi.encodeCall(l1Token.transferFrom, (alice, bob, 101)));
        assertRefused(bob, abi.encodeCall(l1Token.transferFrom, (alice, address(0), 1)));
    }
}
