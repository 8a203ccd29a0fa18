// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {IMigrator} from "../../src/bridge/IMigrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_finalizeMigrateSender_Test is MigrationTest {
    function call(uint256 deposit, uint256 reserve) private view returns (bytes memory) {
        IMigrator.MigrateSenderParams memory params = IMigrator.MigrateSenderParams(dave, erin, deposit, reserve);
        return abi.encodeCall(migrator2.finalizeMigrateSender, (params));
    }

    function test_funds_deposit_and_reserve_once() public {
        bytes memory data = call(3 ether, 2 ether);
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.MigrateSenderFinalized(IMigrator.MigrateSenderParams(dave, erin, 3 ether, 2 ether));
        vm.prank(aliasOf(address(migrator1)));
        (bool ok,) = address(migrator2).call(data);
        vm.assertTrue(ok);
        vm.assertEq(depositOf(erin), 3 ether);
        vm.assertEq(reserveOf(erin), 2 ether);
        vm.assertEq(address(migrator2).balance, 95 ether);
        vm.assertTrue(migrator2.migratedSenders(dave));
        assertReverts(aliasOf(address(migrator1)), address(migrator2), data, "SENDER_ALREADY_MIGRATED");
    }

    function test_fails_when_the_eth_has_not_come_yet() public {
        assertRevertsSilently(aliasOf(address(migrator1)), address(migrator2), call(100 ether, 1));
        vm.assertFalse(migrator2.migratedSenders(dave));
    }

    function test_comes_from_the_alias_of_the_l1_migrator_only() public {
        assertReverts(address(migrator1), address(migrator2), call(0, 0), "ONLY_COUNTERPART_GATEWAY");
        assertReverts(owner, address(migrator2), call(0, 0), "ONLY_COUNTERPART_GATEWAY");
    }
}
