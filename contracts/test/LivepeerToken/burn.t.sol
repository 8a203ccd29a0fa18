// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerToken} from "../../src/token/ILivepeerToken.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

contract LivepeerToken_burn_Test is ProtocolTest {
    function test_destroys_the_callers_tokens() public {
        token.grantRole(BURNER_ROLE, alice);
        vm.expectEmit(address(token));
        emit ILivepeerToken.Burn(alice, LPT);
        vm.prank(alice);
        token.burn(LPT);
        vm.assertEq(token.balanceOf(alice), 9_999 * LPT);
        vm.assertEq(token.totalSupply(), 79_999 * LPT);
    }

    function test_needs_the_burner_role() public {
        string memory reason = string.concat(
            "AccessControl: account ",
            Strings.toHexString(stranger),
            " is missing role ",
            Strings.toHexString(uint256(BURNER_ROLE), 32)
        );
        assertReverts(stranger, address(token), abi.encodeCall(token.burn, (1)), reason);
    }
}
