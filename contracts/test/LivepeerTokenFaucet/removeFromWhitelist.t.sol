// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract LivepeerTokenFaucet_removeFromWhitelist_Test is ProtocolTest {
    function test_changes_the_list() public {
        faucet.addToWhitelist(dave);
        faucet.removeFromWhitelist(dave);
        vm.assertFalse(faucet.isWhitelisted(dave));
    }

    function test_is_reserved_to_the_owner() public {
        assertRevertsWith(stranger, address(faucet), abi.encodeCall(faucet.removeFromWhitelist, (dave)), "");
    }
}
