// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Roots of Merkle trees, by which contracts check facts of the past
interface IMerkleSnapshot {
    /// @notice Keeps `_root` under `_id`, replacing what stood there. Owner of the Controller only.
    function setSnapshot(bytes32 _id, bytes32 _root) external;

    /// @notice Whether `_leaf` is in the tree kept under `_id`.
    /// @param _proof Siblings from the leaf upwards; each pair is hashed smaller one first
    function verify(bytes32 _id, bytes32[] calldata _proof, bytes32 _leaf) external view returns (bool);

    /// @notice The root kept under an id, zero if none.
    function snapshot(bytes32) external view returns (bytes32);
}
