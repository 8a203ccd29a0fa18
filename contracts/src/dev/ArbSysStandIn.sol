// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbSys} from "./IArbSys.sol";

/// @title ArbSysStandIn
/// @notice Code for address 0x64 of a development chain, so that Arbitrum clients work on it unchanged.
/// @dev Installed with anvil_setCode, hence no constructor. Slot 0 is added to block.number to give the layer 2
///      height and may be set with anvil_setStorageAt. Messages to layer 1 are recorded as events and go nowhere.
contract ArbSysStandIn is IArbSys {
    /// @dev Layer 2 blocks per layer 1 block vary; a constant distance is enough to tell the two heights apart.
    uint256 private blockOffset;

    uint256 private messageCount;

    /// @inheritdoc IArbSys
    function sendTxToL1(address destination, bytes calldata calldataForL1) external payable returns (uint256) {
        return _send(destination, calldataForL1);
    }

    /// @inheritdoc IArbSys
    function withdrawEth(address destination) external payable returns (uint256) {
        emit EthWithdrawal(destination, msg.value);
        return _send(destination, "");
    }

    /// @inheritdoc IArbSys
    function arbBlockNumber() public view returns (uint256) {
        return block.number + blockOffset;
    }

    /// @inheritdoc IArbSys
    function arbChainID() external view returns (uint256) {
        return block.chainid;
    }

    /// @inheritdoc IArbSys
    function arbOSVersion() external pure returns (uint256) {
        return 1;
    }

    /// @inheritdoc IArbSys
    /// @dev A contract cannot read another's nonce, and a wrong answer would be worse than none.
    function getTransactionCount(address account) external view returns (uint256) {
        require(account == address(this), "ArbSysStandIn: nonces of others cannot be read");
        return 0;
    }

    /// @inheritdoc IArbSys
    /// @dev A contract cannot read another's storage, and a wrong answer would be worse than none.
    function getStorageAt(address account, uint256 index) external view returns (uint256) {
        require(account == address(this), "ArbSysStandIn: storage of others cannot be read");
        uint256 word;
        assembly ("memory-safe") {
            word := sload(index)
        }
        return word;
    }

    /// @inheritdoc IArbSys
    function isTopLevelCall() external view returns (bool) {
        return msg.sender == tx.origin;
    }

    function _send(address destination, bytes memory data) private returns (uint256 id) {
        id = messageCount++;
        emit L2ToL1Transaction(
            msg.sender, destination, id, 0, id, arbBlockNumber(), block.number, block.timestamp, msg.value, data
        );
    }
}
