// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {L1TokenTest} from "../utils/L1TokenTest.sol";

contract LivepeerTokenL1_finishMinting_Test is L1TokenTest {
    function test_ends_minting_for_ever() public {
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.MintFinished();
        vm.assertTrue(l1Token.finishMinting());
        vm.assertTrue(l1Token.mintingFinished());
        assertRefused(address(this), abi.encodeCall(l1Token.mint, (bob, 1)));
        assertRefused(address(this), abi.encodeCall(l1Token.finishMinting, ()));
    }

    function test_is_the_owners() public {
        assertRefused(stranger, abi.encodeCall(l1Token.finishMinting, ()));
    }
}
