// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IL1Escrow} from "./IL1Escrow.sol";

/// @title L1Escrow
/// @notice Apart from the gateway, so that the gateway can be exchanged without moving the tokens.
contract L1Escrow is AccessControl, IL1Escrow {
    /// @dev The deployer administers the escrow.
    constructor() {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
    }

    /// @inheritdoc IL1Escrow
    function approve(address _token, address _spender, uint256 _value) external onlyRole(DEFAULT_ADMIN_ROLE) {
        IERC20(_token).approve(_spender, _value);
        emit Approve(_token, _spender, _value);
    }
}
