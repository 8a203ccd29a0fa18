// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Keeps the tokens that are on layer 2
interface IL1Escrow {
    /// @notice `_spender` may now move `_value` of the escrow's tokens.
    event Approve(address indexed _token, address indexed _spender, uint256 _value);

    /// @notice Lets `_spender` move `_value` of the escrow's tokens. Administrator only.
    function approve(address _token, address _spender, uint256 _value) external;
}
