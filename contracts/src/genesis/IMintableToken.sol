// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the genesis needs of the token: to mint, and to leave it to the next owner
interface IMintableToken {
    /// @notice Makes `amount` new tokens for `to`. The owner's right.
    function mint(address to, uint256 amount) external;

    /// @notice Hands the right to mint to `newOwner`.
    function transferOwnership(address newOwner) external;
}
