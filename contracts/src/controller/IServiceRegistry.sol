// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Where orchestrators publish the address at which they serve
interface IServiceRegistry {
    /// @notice `addr` now serves at `serviceURI`.
    event ServiceURIUpdate(address indexed addr, string serviceURI);

    /// @notice Publishes the caller's service address; an empty string withdraws it.
    function setServiceURI(string calldata _serviceURI) external;

    /// @notice Service address published by `_addr`, empty if none.
    function getServiceURI(address _addr) external view returns (string memory);
}
