// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL1Migrator} from "../../src/bridge/l1/IL1Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L1Migrator_setBridgeMinter_Test is MigrationTest {
    function test_sets_where_the_funds_are() public {
        vm.expectEmit(address(migrator1));
        emit IL1Migrator.BridgeMinterUpdate(bob);
        migrator1.setBridgeMinter(bob);
        vm.assertEq(migrator1.bridgeMinterAddr(), bob);
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(migrator1), abi.encodeCall(migrator1.setBridgeMinter, (stranger)));
    }
}
