// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgeMinter} from "../../src/bridge/l1/IBridgeMinter.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeMinter_setL1Migrator_Test is BridgeTest {
    function test_sets_who_moves_the_funds() public {
        vm.expectEmit(address(bridgeMinter));
        emit IBridgeMinter.L1MigratorUpdate(bob);
        bridgeMinter.setL1Migrator(bob);
        vm.assertEq(bridgeMinter.l1MigratorAddr(), bob);
    }

    function test_is_the_controller_owners() public {
        assertNeedsOwner(address(bridgeMinter), abi.encodeCall(bridgeMinter.setL1Migrator, (stranger)));
    }
}
