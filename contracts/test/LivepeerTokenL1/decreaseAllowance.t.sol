// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_decreaseAllowance_Test is L1TokenTest {
    function test_subtracts_down_to_nothing() public {
        vm.prank(alice);
        l1Token.approve(bob, 5);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Approval(alice, bob, 0);
        vm.prank(alice);
        vm.assertTrue(l1Token.decreaseAllowance(bob, 5));
        assertRefused(alice, abi.encodeCall(l1Token.decreaseAllowance, (bob, 1)));
    }

    function test_cannot_name_the_zero_address() public {
        assertRefused(alice, abi.encodeCall(l1Token.decreaseAllowance, (address(0), 0)));
    }
}
