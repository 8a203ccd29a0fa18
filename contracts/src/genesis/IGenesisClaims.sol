// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Pays the crowd its part of the first tokens
/// @notice Who gets how much is a Merkle tree of leaves keccak256(keccak256(abi.encode(account, amount))).
interface IGenesisClaims {
    error AlreadyClaimed(address account);
    error NotInTree(address account, uint256 amount);

    /// @notice `account` received its `amount`.
    event Claimed(address indexed account, uint256 amount);

    /// @notice Pays `account` the `amount` that the tree names. Anybody may call; the account gets the tokens.
    /// @param proof Siblings from the leaf upwards; each pair is hashed smaller one first
    function claim(address account, uint256 amount, bytes32[] calldata proof) external;

    /// @notice Whether the account has its tokens.
    function hasClaimed(address account) external view returns (bool);

    /// @notice Root of the tree.
    function root() external view returns (bytes32);

    /// @notice The token that is paid.
    function token() external view returns (address);
}
