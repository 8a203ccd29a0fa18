// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL1Migrator} from "../../src/bridge/l1/IL1Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L1Migrator_setL2Migrator_Test is MigrationTest {
    function test_sets_who_is_told() public {
        vm.expectEmit(address(migrator1));
        emit IL1Migrator.L2MigratorUpdate(bob);
        migrator1.setL2Migrator(bob);
        vm.assertEq(migrator1.l2MigratorAddr(), bob);
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(migrator1), abi.encodeCall(migrator1.setL2Migrator, (stranger)));
    }
}
