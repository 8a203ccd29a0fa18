// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title AliasedSenderStandIn
/// @notice Code for the alias of a layer 1 sender on a development chain, so that its messages come from there.
/// @dev Installed with anvil_setCode, hence no constructor. Nobody but the retryables at 0x6e can make it speak.
contract AliasedSenderStandIn {
    /// @dev Refunds to the alias arrive here.
    receive() external payable {}

    /// @notice Calls `to` with the attached ETH; fails as the call fails. Only the retryables may.
    function relay(address to, bytes calldata data) external payable {
        require(msg.sender == address(0x6e), "AliasedSenderStandIn: only for messages from layer 1");
        (bool ok, bytes memory result) = to.call{value: msg.value}(data);
        if (ok) return;
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }
}
