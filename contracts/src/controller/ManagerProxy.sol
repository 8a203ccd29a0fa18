// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ManagerProxyTarget} from "./ManagerProxyTarget.sol";

/// @title ManagerProxy
/// @notice Keeps state and money under one address while the Controller decides whose code runs.
/// @dev The target is read on every call: registering another target is the whole upgrade.
contract ManagerProxy is ManagerProxyTarget {
    /// @param _controller Registry to ask for the target
    /// @param _targetContractId Id of the target in that registry, e.g. keccak256("BondingManagerTarget")
    constructor(address _controller, bytes32 _targetContractId) ManagerProxyTarget(_controller) {
        targetContractId = _targetContractId;
    }

    receive() external payable {
        _delegate();
    }

    fallback() external payable {
        _delegate();
    }

    function _delegate() private {
        address target = _contract(targetContractId);
        require(target != address(0), "target contract must be registered");

        // Nothing of this contract runs afterwards, so its memory may be overwritten from 0.
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), target, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if ok { return(0, returndatasize()) }
            revert(0, returndatasize())
        }
    }
}
