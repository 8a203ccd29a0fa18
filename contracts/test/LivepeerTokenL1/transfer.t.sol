// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_transfer_Test is L1TokenTest {
    function test_moves_tokens() public {
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Transfer(alice, bob, 40);
        vm.prank(alice);
        vm.assertTrue(l1Token.transfer(bob, 40));
        vm.assertEq(l1Token.balanceOf(alice), 60);
        vm.assertEq(l1Token.balanceOf(bob), 40);
        vm.assertEq(l1Token.totalSupply(), 100);
    }

    function test_to_oneself_changes_nothing() public {
        vm.prank(alice);
        l1Token.transfer(alice, 100);
        vm.assertEq(l1Token.balanceOf(alice), 100);
    }

    function test_takes_all_but_not_more() public {
        assertRefused(alice, abi.encodeCall(l1Token.transfer, (bob, 101)));
        vm.prank(alice);
        l1Token.transfer(bob, 100);
        vm.assertEq(l1Token.balanceOf(bob), 100);
    }

    function test_cannot_go_to_the_zero_address() public {
        assertRefused(alice, abi.encodeCall(l1Token.transfer, (address(0), 1)));
    }
}
