// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeMinter} from "../../src/bridge/l1/IBridgeMinter.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeMinter_setL1LPTGateway_Test is BridgeTest {
    function test_sets_who_may_mint() public {
        vm.expectEmit(address(bridgeMinter));
        emit IBridgeMinter.L1LPTGatewayUpdate(bob);
        bridgeMinter.setL1LPTGateway(bob);
        vm.prank(bob);
        bridgeMinter.bridgeMint(carol, 1);
        vm.assertEq(l1Token.balanceOf(carol), 1);
    }

    function test_is_the_controller_owners() public {
        assertNeedsOwner(address(bridgeMinter), abi.encodeCall(bridgeMinter.setL1LPTGateway, (stranger)));
    }
}
