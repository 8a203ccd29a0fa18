// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IServiceRegistry} from "./IServiceRegistry.sol";
import {ManagerProxyTarget} from "./ManagerProxyTarget.sol";

/// @title ServiceRegistry
/// @dev Works while the system is paused: clients must find orchestrators even then.
contract ServiceRegistry is ManagerProxyTarget, IServiceRegistry {
    struct Record {
        string serviceURI;
    }

    mapping(address => Record) private records;

    constructor(address _controller) ManagerProxyTarget(_controller) {}

    /// @inheritdoc IServiceRegistry
    function setServiceURI(string calldata _serviceURI) external {
        records[msg.sender].serviceURI = _serviceURI;
        emit ServiceURIUpdate(msg.sender, _serviceURI);
    }

    /// @inheritdoc IServiceRegistry
    function getServiceURI(address _addr) external view returns (string memory) {
        return records[_addr].serviceURI;
    }
}
