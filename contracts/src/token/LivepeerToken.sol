// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ILivepeerToken} from "./ILivepeerToken.sol";

/// @title LivepeerToken
/// @notice LPT in its layer 2 form: roles decide who mints and who burns.
/// @dev Burning is reserved to a role as well, because on layer 2 only the bridge may take tokens out of existence.
contract LivepeerToken is AccessControl, ERC20, ERC20Burnable, ERC20Permit, ILivepeerToken {
    bytes32 private constant MINTER_ROLE = keccak256("MINTER_ROLE");
    bytes32 private constant BURNER_ROLE = keccak256("BURNER_ROLE");

    /// @dev The deployer administers the roles and starts with neither of them.
    constructor() ERC20("Livepeer Token", "LPT") ERC20Permit("Livepeer Token") {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
    }

    /// @inheritdoc ILivepeerToken
    function mint(address _to, uint256 _amount) external onlyRole(MINTER_ROLE) {
        _mint(_to, _amount);
        emit Mint(_to, _amount);
    }

    /// @inheritdoc ILivepeerToken
    function burn(uint256 _amount) public override(ERC20Burnable, ILivepeerToken) onlyRole(BURNER_ROLE) {
        super.burn(_amount);
        emit Burn(msg.sender, _amount);
    }

    /// @notice Destroys `_amount` tokens of `_from`, who must have approved the caller. Needs the burner role.
    function burnFrom(address _from, uint256 _amount) public override onlyRole(BURNER_ROLE) {
        super.burnFrom(_from, _amount);
        emit Burn(_from, _amount);
    }
}
