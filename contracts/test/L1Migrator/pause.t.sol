// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MigrationTest} from "../utils/MigrationTest.sol";
import {Pausable} from "@openzeppelin/contracts/security/Pausable.sol";

contract L1Migrator_pause_Test is MigrationTest {
    function test_stops_everything_that_sends_messages() public {
        vm.expectEmit(address(migrator1));
        emit Pausable.Paused(address(this));
        migrator1.pause();
        bytes[5] memory calls = [
            abi.encodeCall(migrator1.migrateDelegator, (alice, alice, "", 0, 0, 0)),
            abi.encodeCall(migrator1.migrateUnbondingLocks, (alice, alice, new uint256[](0), "", 0, 0, 0)),
            abi.encodeCall(migrator1.migrateSender, (alice, alice, "", 0, 0, 0)),
            abi.encodeCall(migrator1.migrateETH, (0, 0, 0)),
            abi.encodeCall(migrator1.migrateLPT, (0, 0, 0))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            assertReverts(alice, address(migrator1), calls[i], "Pausable: paused");
        }
        vm.expectEmit(address(migrator1));
        emit Pausable.Unpaused(address(this));
        migrator1.unpause();
        vm.assertFalse(migrator1.paused());
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(migrator1), abi.encodeCall(migrator1.pause, ()));
        assertNeedsAdministrator(address(migrator1), abi.encodeCall(migrator1.unpause, ()));
    }
}
