// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DelegatorPool} from "../../src/bridge/l2/DelegatorPool.sol";
import {IDelegatorPool} from "../../src/bridge/l2/IDelegatorPool.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract DelegatorPool_initialize_Test is MigrationTest {
    function test_takes_note_of_its_stake_and_of_who_made_it() public {
        DelegatorPool pool = new DelegatorPool();
        vm.prank(alice);
        bonding.bondForWithHint(9 * LPT, address(pool), bob, address(0), address(0), address(0), address(0));
        vm.expectEmit(address(pool));
        emit IDelegatorPool.DelegatorPoolInitialized(address(bonding), carol, 9 * LPT);
        vm.prank(carol);
        pool.initialize(address(bonding));
        vm.assertEq(pool.migrator(), carol);
        vm.assertEq(pool.bondingManager(), address(bonding));
        vm.assertEq(pool.initialStake(), 9 * LPT);
        vm.assertEq(pool.claimedInitialStake(), 0);
    }

    function test_happens_once() public {
        DelegatorPool pool = migrateTranscoder(l1Account("t"), dave, LPT, LPT);
        bytes memory data = abi.encodeCall(pool.initialize, (address(bonding)));
        string memory reason = "Initializable: contract is already initialized";
        assertReverts(stranger, address(pool), data, reason);
        assertReverts(address(migrator2), address(pool), data, reason);
    }
}
