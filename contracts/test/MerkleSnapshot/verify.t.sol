// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SnapshotTest} from "../utils/SnapshotTest.sol";

contract MerkleSnapshot_verify_Test is SnapshotTest {
    function test_finds_each_leaf_of_a_tree_and_no_other() public {
        bytes32 left = pair(leaf(0), leaf(1));
        bytes32 right = pair(leaf(2), leaf(3));
        snapshots.setSnapshot(ID, pair(left, right));
        bytes32[] memory proof = new bytes32[](2);
        for (uint256 i = 0; i < 4; i++) {
            (proof[0], proof[1]) = (leaf(i ^ 1), i < 2 ? right : left);
            vm.assertTrue(snapshots.verify(ID, proof, leaf(i)));
            vm.assertFalse(snapshots.verify(ID, proof, leaf(i ^ 2)));
            vm.assertFalse(snapshots.verify(keccak256("LIP-52"), proof, leaf(i)));
        }
        // A sibling is as much part of the tree as the leaf itself.
        (proof[0], proof[1]) = (leaf(0), right);
        vm.assertTrue(snapshots.verify(ID, proof, leaf(1)));
    }

    function test_a_tree_of_one_leaf_needs_no_proof() public {
        snapshots.setSnapshot(ID, leaf(1));
        vm.assertTrue(snapshots.verify(ID, new bytes32[](0), leaf(1)));
        vm.assertFalse(snapshots.verify(ID, new bytes32[](0), leaf(2)));
    }

    function test_a_proof_that_is_too_short_or_too_long_fails() public {
        snapshots.setSnapshot(ID, pair(leaf(0), leaf(1)));
        vm.assertFalse(snapshots.verify(ID, new bytes32[](0), leaf(0)));
        bytes32[] memory proof = new bytes32[](2);
        proof[0] = leaf(1);
        vm.assertFalse(snapshots.verify(ID, proof, leaf(0)));
    }

    function testFuzz_the_order_of_a_pair_does_not_matter(bytes32 a, bytes32 b) public {
        snapshots.setSnapshot(ID, pair(a, b));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = b;
        vm.assertTrue(snapshots.verify(ID, proof, a));
        proof[0] = a;
        vm.assertTrue(snapshots.verify(ID, proof, b));
    }

    // As deployed: what has no root has the root zero. No hash is zero, so nothing real can be proven by it.
    function test_an_id_without_a_root_proves_the_zero_leaf_only() public view {
        vm.assertTrue(snapshots.verify(ID, new bytes32[](0), 0));
        vm.assertFalse(snapshots.verify(ID, new bytes32[](0), leaf(0)));
    }
}
