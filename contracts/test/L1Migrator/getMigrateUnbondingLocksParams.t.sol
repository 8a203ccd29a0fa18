// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMigrator} from "../../src/bridge/IMigrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L1Migrator_getMigrateUnbondingLocksParams_Test is MigrationTest {
    function test_adds_the_locks_up() public {
        unbondAs(carol, 30 * LPT);
        unbondAs(carol, 12 * LPT);
        uint256[] memory ids = new uint256[](3);
        (ids[1], ids[2]) = (1, 77);
        (bytes memory data, IMigrator.MigrateUnbondingLocksParams memory params) =
            migrator1.getMigrateUnbondingLocksParams(carol, erin, ids);
        vm.assertEq(params.total, 42 * LPT);
        vm.assertEq(params.l1Addr, carol);
        vm.assertEq(params.l2Addr, erin);
        vm.assertEq(params.delegate, alice);
        vm.assertEq(abi.encode(params.unbondingLockIds), abi.encode(ids), "ids");
        vm.assertEq(data, abi.encodeWithSelector(0xcc14c988, params), "call data");
    }
}
