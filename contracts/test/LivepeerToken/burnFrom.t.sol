// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerToken} from "../../src/token/ILivepeerToken.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

contract LivepeerToken_burnFrom_Test is ProtocolTest {
    function test_destroys_approved_tokens() public {
        token.grantRole(BURNER_ROLE, dave);
        vm.prank(alice);
        token.approve(dave, LPT);
        vm.expectEmit(address(token));
        emit ILivepeerToken.Burn(alice, LPT);
        vm.prank(dave);
        token.burnFrom(alice, LPT);
        vm.assertEq(token.balanceOf(alice), 9_999 * LPT);
        vm.assertEq(token.allowance(alice, dave), 0);
    }

    function test_needs_the_approval() public {
        token.grantRole(BURNER_ROLE, dave);
        bytes memory data = abi.encodeCall(token.burnFrom, (alice, 1));
        assertReverts(dave, address(token), data, "ERC20: insufficient allowance");
    }

    function test_needs_the_burner_role() public {
        string memory reason = string.concat(
            "AccessControl: account ",
            Strings.toHexString(stranger),
            " is missing role ",
            Strings.toHexString(uint256(BURNER_ROLE), 32)
        );
        assertReverts(stranger, address(token), abi.encodeCall(token.burnFrom, (alice, 1)), reason);
    }
}
