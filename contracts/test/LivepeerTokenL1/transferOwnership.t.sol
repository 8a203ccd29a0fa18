// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOwnable} from "../../src/controller/IOwnable.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_transferOwnership_Test is L1TokenTest {
    function test_moves_the_right_to_mint() public {
        vm.expectEmit(address(l1Token));
        emit IOwnable.OwnershipTransferred(address(this), bob);
        l1Token.transferOwnership(bob);
        vm.prank(bob);
        l1Token.mint(bob, 1);
        assertRefused(address(this), abi.encodeCall(l1Token.mint, (bob, 1)));
    }

    function test_is_the_owners_and_needs_an_heir() public {
        assertRefused(stranger, abi.encodeCall(l1Token.transferOwnership, (stranger)));
        assertRefused(address(this), abi.encodeCall(l1Token.transferOwnership, (address(0))));
    }
}
