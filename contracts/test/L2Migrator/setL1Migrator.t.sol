// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_setL1Migrator_Test is MigrationTest {
    function test_sets_whose_messages_count() public {
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.L1MigratorUpdate(bob);
        migrator2.setL1Migrator(bob);
        vm.assertEq(migrator2.l1MigratorAddr(), bob);
    }

    function test_is_the_controller_owners() public {
        assertNeedsOwner(address(migrator2), abi.encodeCall(migrator2.setL1Migrator, (stranger)));
    }
}
