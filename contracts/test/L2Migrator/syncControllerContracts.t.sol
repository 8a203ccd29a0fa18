// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_syncControllerContracts_Test is MigrationTest {
    function test_anybody_may_have_the_registry_read_anew() public {
        register("TicketBroker", bob);
        vm.assertEq(migrator2.ticketBrokerAddr(), address(broker));
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.ControllerContractUpdate(keccak256("TicketBroker"), bob);
        vm.prank(stranger);
        migrator2.syncControllerContracts();
        vm.assertEq(migrator2.ticketBrokerAddr(), bob);
        vm.assertEq(migrator2.bondingManagerAddr(), address(bonding));
    }

    function test_says_nothing_when_nothing_changed() public {
        vm.recordLogs();
        migrator2.syncControllerContracts();
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }
}
