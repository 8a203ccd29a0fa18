// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbSys} from "../../dev/IArbSys.sol";

/// @title L2ArbitrumMessenger
/// @notice Sends messages to layer 1 and knows which ones come from there.
abstract contract L2ArbitrumMessenger {
    IArbSys private constant ARB_SYS = IArbSys(address(0x64));

    /// @dev Arbitrum moves layer 1 senders by this much, so that none can pass for a layer 2 account.
    uint160 private constant ALIAS_OFFSET = uint160(0x1111000000000000000000000000000000001111);

    /// @notice A message for `_to` on layer 1 was handed in, on behalf of `_from`.
    event TxToL1(address indexed _from, address indexed _to, uint256 indexed _id, bytes _data);

    modifier onlyL1Counterpart(address l1Counterpart) {
        require(msg.sender == _aliasOf(l1Counterpart), "ONLY_COUNTERPART_GATEWAY");
        _;
    }

    function _sendTxToL1(address user, address to, bytes memory data) internal returns (uint256 id) {
        id = ARB_SYS.sendTxToL1(to, data);
        emit TxToL1(user, to, id, data);
    }

    /// @dev The sender that layer 2 sees in messages of `l1Address`; the sum wraps around.
    function _aliasOf(address l1Address) private pure returns (address) {
        unchecked {
            return address(uint160(l1Address) + ALIAS_OFFSET);
        }
    }
}
