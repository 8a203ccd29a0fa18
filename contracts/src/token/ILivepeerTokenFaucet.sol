// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Hands out LPT on networks where it is worth nothing
interface ILivepeerTokenFaucet {
    /// @notice `to` received `amount` tokens.
    event Request(address indexed to, uint256 amount);

    /// @notice Sends the caller `requestAmount` tokens; fails without a reason before `nextValidRequest`.
    function request() external;

    /// @notice Lets `_addr` ask as often as it likes. Owner only.
    function addToWhitelist(address _addr) external;

    /// @notice Makes `_addr` wait between requests again. Owner only.
    function removeFromWhitelist(address _addr) external;

    /// @notice The token handed out.
    function token() external view returns (IERC20);

    /// @notice Tokens per request.
    function requestAmount() external view returns (uint256);

    /// @notice Hours between two requests of one account.
    function requestWait() external view returns (uint256);

    /// @notice Unix time from which an account may ask again.
    function nextValidRequest(address) external view returns (uint256);

    /// @notice Whether an account may ask as often as it likes.
    function isWhitelisted(address) external view returns (bool);
}
