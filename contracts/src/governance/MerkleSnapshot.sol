// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Manager} from "../controller/Manager.sol";
import {IMerkleSnapshot} from "./IMerkleSnapshot.sol";

/// @title MerkleSnapshot
contract MerkleSnapshot is Manager, IMerkleSnapshot {
    /// @inheritdoc IMerkleSnapshot
    mapping(bytes32 => bytes32) public override snapshot;

    constructor(address _controller) Manager(_controller) {}

    /// @inheritdoc IMerkleSnapshot
    function setSnapshot(bytes32 _id, bytes32 _root) external onlyControllerOwner {
        snapshot[_id] = _root;
    }

    /// @inheritdoc IMerkleSnapshot
    function verify(bytes32 _id, bytes32[] calldata _proof, bytes32 _leaf) external view returns (bool) {
        return MerkleProof.verifyCalldata(_proof, snapshot[_id], _leaf);
    }
}
