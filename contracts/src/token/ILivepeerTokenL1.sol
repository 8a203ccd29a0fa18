// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The Livepeer token in its layer 1 form: one owner mints, everybody may burn what is theirs
/// @dev Fails without a reason everywhere, as tokens of 2018 did.
interface ILivepeerTokenL1 {
    /// @notice `value` tokens moved; from the zero address when created, to it when destroyed.
    event Transfer(address indexed from, address indexed to, uint256 value);

    /// @notice `spender` may now move `value` tokens of `owner`.
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @notice `amount` tokens were created for `to`.
    event Mint(address indexed to, uint256 amount);

    /// @notice No token will be created any more.
    event MintFinished();

    /// @notice `value` tokens of `burner` were destroyed.
    event Burn(address indexed burner, uint256 value);

    /// @notice Moves `value` of the caller's tokens to `to`.
    function transfer(address to, uint256 value) external returns (bool);

    /// @notice Lets `spender` move `value` of the caller's tokens.
    function approve(address spender, uint256 value) external returns (bool);

    /// @notice Moves `value` tokens of `from`, who must have approved the caller.
    function transferFrom(address from, address to, uint256 value) external returns (bool);

    /// @notice Lets `spender` move `addedValue` more of the caller's tokens.
    function increaseAllowance(address spender, uint256 addedValue) external returns (bool);

    /// @notice Lets `spender` move `subtractedValue` less of the caller's tokens.
    function decreaseAllowance(address spender, uint256 subtractedValue) external returns (bool);

    /// @notice Creates `_amount` tokens for `_to`. Owner only, until minting is finished.
    function mint(address _to, uint256 _amount) external returns (bool);

    /// @notice Ends minting for ever. Owner only.
    function finishMinting() external returns (bool);

    /// @notice Destroys `_amount` of the caller's tokens.
    function burn(uint256 _amount) external;

    /// @notice Whether minting has ended.
    function mintingFinished() external view returns (bool);

    /// @notice Tokens in existence on layer 1, those in the bridge's escrow included.
    function totalSupply() external view returns (uint256);

    /// @notice Tokens of an account.
    function balanceOf(address) external view returns (uint256);

    /// @notice Tokens of `owner` that `spender` may move.
    function allowance(address owner, address spender) external view returns (uint256);

    /// @notice Name of the token.
    function name() external view returns (string memory);

    /// @notice Its abbreviation.
    function symbol() external view returns (string memory);

    /// @notice Version of its contract.
    function version() external view returns (string memory);

    /// @notice Decimal places of an amount.
    function decimals() external view returns (uint8);
}
