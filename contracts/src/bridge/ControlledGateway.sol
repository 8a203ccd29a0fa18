// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/security/Pausable.sol";

/// @title ControlledGateway
/// @notice What both ends of the LPT bridge share: the pair of tokens, and an administrator who may stop transfers.
abstract contract ControlledGateway is AccessControl, Pausable {
    /// @notice LPT on layer 1.
    address public immutable l1Lpt;
    /// @notice LPT on layer 2.
    address public immutable l2Lpt;

    /// @dev The deployer administers the gateway, which starts paused because its counterpart is not known yet.
    constructor(address _l1Lpt, address _l2Lpt) {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
        l1Lpt = _l1Lpt;
        l2Lpt = _l2Lpt;
        _pause();
    }

    /// @notice Stops outbound transfers; those under way still arrive. Administrator only.
    function pause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _pause();
    }

    /// @notice Lets transfers go out again. Administrator only.
    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    /// @dev The bridge carries LPT and nothing else.
    function _l2TokenOf(address l1Token) internal view returns (address) {
        return l1Token == l1Lpt ? l2Lpt : address(0);
    }

    /// @dev A router passes the holder on in front of the data; everybody else transfers its own tokens.
    function _unwrapRouted(address router, bytes memory data) internal view returns (address from, bytes memory rest) {
        return msg.sender == router ? abi.decode(data, (address, bytes)) : (msg.sender, data);
    }
}
