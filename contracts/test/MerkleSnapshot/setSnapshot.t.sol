// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SnapshotTest} from "../utils/SnapshotTest.sol";

contract MerkleSnapshot_setSnapshot_Test is SnapshotTest {
    function test_keeps_and_replaces_a_root() public {
        vm.assertEq(snapshots.snapshot(ID), 0);
        snapshots.setSnapshot(ID, leaf(1));
        vm.assertEq(snapshots.snapshot(ID), leaf(1));
        snapshots.setSnapshot(ID, leaf(2));
        vm.assertEq(snapshots.snapshot(ID), leaf(2));
        vm.assertEq(snapshots.snapshot(keccak256("LIP-52")), 0);
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(snapshots), abi.encodeCall(snapshots.setSnapshot, (ID, leaf(1))));
    }
}
