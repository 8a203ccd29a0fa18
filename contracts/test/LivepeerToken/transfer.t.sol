// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract LivepeerToken_transfer_Test is ProtocolTest {
    function test_moves_tokens() public {
        vm.prank(alice);
        token.transfer(bob, LPT);
        vm.assertEq(token.balanceOf(alice), 9_999 * LPT);
        vm.assertEq(token.balanceOf(bob), 10_001 * LPT);
        vm.prank(alice);
        token.approve(bob, LPT);
        vm.prank(bob);
        token.transferFrom(alice, carol, LPT);
        vm.assertEq(token.balanceOf(carol), 10_001 * LPT);
    }

    function test_is_called_what_the_live_token_is() public view {
        vm.assertEq(token.name(), "Livepeer Token");
        vm.assertEq(token.symbol(), "LPT");
        vm.assertEq(uint256(token.decimals()), 18);
    }
}
