// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_approve_Test is L1TokenTest {
    function test_replaces_the_allowance() public {
        vm.prank(alice);
        l1Token.approve(bob, 5);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Approval(alice, bob, 7);
        vm.prank(alice);
        vm.assertTrue(l1Token.approve(bob, 7));
        vm.assertEq(l1Token.allowance(alice, bob), 7);
    }

    function test_cannot_name_the_zero_address() public {
        assertRefused(alice, abi.encodeCall(l1Token.approve, (address(0), 1)));
    }
}
