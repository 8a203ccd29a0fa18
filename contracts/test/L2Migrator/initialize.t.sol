// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {L2Migrator} from "../../src/bridge/l2/L2Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_initialize_Test is MigrationTest {
    function test_sets_everything_and_reads_the_collaborators() public {
        L2Migrator fresh = new L2Migrator(address(controller));
        vm.expectEmit(address(fresh));
        emit IL2Migrator.ControllerContractUpdate(keccak256("BondingManager"), address(bonding));
        vm.expectEmit(address(fresh));
        emit IL2Migrator.ControllerContractUpdate(keccak256("TicketBroker"), address(broker));
        vm.expectEmit(address(fresh));
        emit IL2Migrator.ControllerContractUpdate(keccak256("MerkleSnapshot"), address(snapshot));
        vm.expectEmit(address(fresh));
        emit IL2Migrator.ControllerContractUpdate(keccak256("LivepeerToken"), address(token));
        fresh.initialize(alice, bob);
        vm.assertEq(fresh.l1MigratorAddr(), alice);
        vm.assertEq(fresh.delegatorPoolImpl(), bob);
        vm.assertEq(fresh.bondingManagerAddr(), address(bonding));
        vm.assertEq(fresh.ticketBrokerAddr(), address(broker));
        vm.assertEq(fresh.merkleSnapshotAddr(), address(snapshot));
        vm.assertEq(fresh.tokenAddr(), address(token));
        vm.assertFalse(fresh.claimStakeEnabled());
    }

    function test_runs_behind_the_proxy() public view {
        vm.assertEq(address(migrator2.controller()), address(controller));
        vm.assertEq(migrator2.targetContractId(), keccak256("L2MigratorTarget"));
        vm.assertEq(migrator2.l1MigratorAddr(), address(migrator1));
    }

    function test_is_the_controller_owners() public {
        assertNeedsOwner(address(migrator2), abi.encodeCall(migrator2.initialize, (stranger, stranger)));
    }
}
