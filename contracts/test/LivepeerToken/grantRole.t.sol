// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

contract LivepeerToken_grantRole_Test is ProtocolTest {
    function test_the_deployer_administers_the_roles_and_has_no_other() public view {
        vm.assertTrue(token.hasRole(bytes32(0), owner));
        vm.assertFalse(token.hasRole(MINTER_ROLE, owner));
        vm.assertFalse(token.hasRole(BURNER_ROLE, owner));
        vm.assertFalse(token.hasRole(BURNER_ROLE, address(minter)));
        vm.assertEq(token.getRoleAdmin(MINTER_ROLE), bytes32(0));
        vm.assertEq(token.getRoleAdmin(BURNER_ROLE), bytes32(0));
    }

    function test_is_reserved_to_the_administrator() public {
        string memory reason = string.concat(
            "AccessControl: account ",
            Strings.toHexString(stranger),
            " is missing role ",
            Strings.toHexString(uint256(0), 32)
        );
        bytes memory data = abi.encodeCall(token.grantRole, (MINTER_ROLE, stranger));
        assertReverts(stranger, address(token), data, reason);
    }
}
