// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_mint_Test is L1TokenTest {
    function test_creates_tokens() public {
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Transfer(address(0), bob, 5);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Mint(bob, 5);
        vm.assertTrue(l1Token.mint(bob, 5));
        vm.assertEq(l1Token.balanceOf(bob), 5);
        vm.assertEq(l1Token.totalSupply(), 105);
    }

    function test_is_the_owners() public {
        assertRefused(stranger, abi.encodeCall(l1Token.mint, (stranger, 1)));
    }

    function test_cannot_go_to_the_zero_address_or_beyond_the_largest_number() public {
        assertRefused(address(this), abi.encodeCall(l1Token.mint, (address(0), 1)));
        assertRefused(address(this), abi.encodeCall(l1Token.mint, (bob, type(uint256).max - 99)));
        l1Token.mint(bob, type(uint256).max - 100);
        vm.assertEq(l1Token.totalSupply(), type(uint256).max);
    }
}
