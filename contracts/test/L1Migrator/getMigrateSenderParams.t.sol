// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMigrator} from "../../src/bridge/IMigrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L1Migrator_getMigrateSenderParams_Test is MigrationTest {
    function test_is_deposit_and_reserve() public {
        fundSender(3 ether, 2 ether);
        (bytes memory data, IMigrator.MigrateSenderParams memory params) =
            migrator1.getMigrateSenderParams(sender, erin);
        vm.assertEq(params.l1Addr, sender);
        vm.assertEq(params.l2Addr, erin);
        vm.assertEq(params.deposit, 3 ether);
        vm.assertEq(params.reserve, 2 ether);
        vm.assertEq(data, abi.encodeWithSelector(0xb3f5ccae, params), "call data");
    }
}
