// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_receive_Test is MigrationTest {
    function test_takes_eth_through_the_proxy() public {
        vm.prank(stranger);
        (bool ok,) = address(migrator2).call{value: 1}("");
        vm.assertTrue(ok);
        vm.assertEq(address(migrator2).balance, 100 ether + 1);
    }
}
