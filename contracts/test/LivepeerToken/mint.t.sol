// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerToken} from "../../src/token/ILivepeerToken.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

contract LivepeerToken_mint_Test is ProtocolTest {
    function test_creates_tokens() public {
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(token));
        emit ILivepeerToken.Mint(alice, 5);
        vm.prank(address(minter));
        token.mint(alice, 5);
        vm.assertEq(token.totalSupply(), supply + 5);
        vm.assertEq(token.balanceOf(alice), 10_000 * LPT + 5);
    }

    function test_needs_the_minter_role() public {
        string memory reason = string.concat(
            "AccessControl: account ",
            Strings.toHexString(stranger),
            " is missing role ",
            Strings.toHexString(uint256(MINTER_ROLE), 32)
        );
        assertReverts(stranger, address(token), abi.encodeCall(token.mint, (stranger, 1)), reason);
    }
}
