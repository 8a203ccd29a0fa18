// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_burn_Test is L1TokenTest {
    function test_destroys_the_callers_tokens() public {
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Transfer(alice, address(0), 100);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Burn(alice, 100);
        vm.prank(alice);
        l1Token.burn(100);
        vm.assertEq(l1Token.balanceOf(alice), 0);
        vm.assertEq(l1Token.totalSupply(), 0);
    }

    function test_takes_no_more_than_there_is() public {
        assertRefused(alice, abi.encodeCall(l1Token.burn, (101)));
    }
}
