// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL1Escrow} from "../../src/bridge/l1/IL1Escrow.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1Escrow_approve_Test is BridgeTest {
    function test_lets_a_spender_move_tokens() public {
        vm.expectEmit(address(escrow));
        emit IL1Escrow.Approve(address(l1Token), bob, 5);
        escrow.approve(address(l1Token), bob, 5);
        vm.assertEq(l1Token.allowance(address(escrow), bob), 5);
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(escrow), abi.encodeCall(escrow.approve, (address(l1Token), stranger, 1)));
    }
}
