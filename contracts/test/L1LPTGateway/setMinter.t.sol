// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL1LPTGateway} from "../../src/bridge/l1/IL1LPTGateway.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1LPTGateway_setMinter_Test is BridgeTest {
    function test_sets_who_mints_what_the_escrow_lacks() public {
        vm.expectEmit(address(l1Gateway));
        emit IL1LPTGateway.MinterUpdate(bob);
        l1Gateway.setMinter(bob);
        vm.assertEq(l1Gateway.minter(), bob);
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(l1Gateway), abi.encodeCall(l1Gateway.setMinter, (stranger)));
    }
}
