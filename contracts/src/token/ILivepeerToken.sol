// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title The Livepeer token as the protocol uses it
interface ILivepeerToken is IERC20 {
    /// @notice `amount` tokens were created for `to`.
    event Mint(address indexed to, uint256 amount);

    /// @notice `amount` tokens of `burner` were destroyed.
    event Burn(address indexed burner, uint256 amount);

    /// @notice Creates `_amount` tokens for `_to`. Needs the minter role.
    function mint(address _to, uint256 _amount) external;

    /// @notice Destroys `_amount` of the caller's tokens. Needs the burner role.
    function burn(uint256 _amount) external;
}
