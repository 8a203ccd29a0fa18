// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {L1Migrator} from "../../src/bridge/l1/L1Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L1Migrator_constructor_Test is MigrationTest {
    function test_knows_what_it_was_given_and_starts_paused() public {
        L1Migrator fresh = new L1Migrator(address(inbox), alice, bob, carol, dave, erin);
        vm.assertTrue(fresh.paused());
        vm.assertTrue(fresh.hasRole(bytes32(0), address(this)));
        vm.assertEq(address(fresh.inbox()), address(inbox));
        vm.assertEq(fresh.bondingManagerAddr(), alice);
        vm.assertEq(fresh.ticketBrokerAddr(), bob);
        vm.assertEq(fresh.tokenAddr(), carol);
        vm.assertEq(fresh.l1LPTGatewayAddr(), dave);
        vm.assertEq(fresh.l2MigratorAddr(), erin);
        vm.assertEq(fresh.bridgeMinterAddr(), address(0));
    }
}
