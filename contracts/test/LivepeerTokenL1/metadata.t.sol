// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_metadata_Test is L1TokenTest {
    function test_is_that_of_the_deployed_token() public view {
        vm.assertEq(l1Token.name(), "Livepeer Token");
        vm.assertEq(l1Token.symbol(), "LPT");
        vm.assertEq(l1Token.version(), "0.1");
        vm.assertEq(uint256(l1Token.decimals()), 18);
        vm.assertEq(l1Token.owner(), address(this));
        vm.assertFalse(l1Token.mintingFinished());
    }
}
