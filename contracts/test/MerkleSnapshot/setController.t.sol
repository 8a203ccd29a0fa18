// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SnapshotTest} from "../utils/SnapshotTest.sol";

contract MerkleSnapshot_setController_Test is SnapshotTest {
    function test_is_reserved_to_the_controller() public {
        bytes memory data = abi.encodeCall(snapshots.setController, (stranger));
        assertReverts(owner, address(snapshots), data, "caller must be Controller");
        controller.updateController(keccak256("MerkleSnapshot"), stranger);
        vm.assertEq(address(snapshots.controller()), stranger);
    }
}
