// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {L1LPTGateway} from "../../src/bridge/l1/L1LPTGateway.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1LPTGateway_constructor_Test is BridgeTest {
    function test_knows_what_it_was_given_and_starts_paused() public {
        L1LPTGateway gateway =
            new L1LPTGateway(l1Router, address(escrow), address(l1Token), address(token), address(inbox));
        vm.assertTrue(gateway.paused());
        vm.assertTrue(gateway.hasRole(bytes32(0), address(this)));
        vm.assertEq(gateway.l1Router(), l1Router);
        vm.assertEq(gateway.l1LPTEscrow(), address(escrow));
        vm.assertEq(gateway.l1Lpt(), address(l1Token));
        vm.assertEq(gateway.l2Lpt(), address(token));
        vm.assertEq(address(gateway.inbox()), address(inbox));
        vm.assertEq(gateway.l2Counterpart(), address(0));
        vm.assertEq(gateway.minter(), address(0));
    }
}
