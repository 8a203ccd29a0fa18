// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleSnapshot} from "../../src/governance/MerkleSnapshot.sol";
import {ProtocolTest} from "./ProtocolTest.sol";

/// @title A Merkle snapshot, and trees to put into it
abstract contract SnapshotTest is ProtocolTest {
    bytes32 internal constant ID = keccak256("LIP-73");

    MerkleSnapshot internal snapshots;

    function setUp() public virtual override {
        super.setUp();
        snapshots = MerkleSnapshot(vm.deployCode("MerkleSnapshot.sol:MerkleSnapshot", abi.encode(controller)));
        register("MerkleSnapshot", address(snapshots));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a <= b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
    }

    function leaf(uint256 number) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(number));
    }
}
