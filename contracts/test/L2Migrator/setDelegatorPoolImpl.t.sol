// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2Migrator} from "../../src/bridge/l2/IL2Migrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L2Migrator_setDelegatorPoolImpl_Test is MigrationTest {
    function test_sets_what_pools_are_copies_of() public {
        vm.expectEmit(address(migrator2));
        emit IL2Migrator.DelegatorPoolImplUpdate(bob);
        migrator2.setDelegatorPoolImpl(bob);
        vm.assertEq(migrator2.delegatorPoolImpl(), bob);
    }

    function test_is_the_controller_owners() public {
        assertNeedsOwner(address(migrator2), abi.encodeCall(migrator2.setDelegatorPoolImpl, (stranger)));
    }
}
