// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Something with one owner
interface IOwnable {
    /// @notice Ownership moved.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    /// @notice Hands ownership to `newOwner`, which must not be the zero address. Owner only.
    function transferOwnership(address newOwner) external;

    /// @notice Account with the owner's rights.
    function owner() external view returns (address);
}
