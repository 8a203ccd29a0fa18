// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract LivepeerTokenFaucet_addToWhitelist_Test is ProtocolTest {
    function test_changes_the_list() public {
        faucet.addToWhitelist(dave);
        faucet.addToWhitelist(dave);
        vm.assertTrue(faucet.isWhitelisted(dave));
    }

    function test_is_reserved_to_the_owner() public {
        assertRevertsWith(stranger, address(faucet), abi.encodeCall(faucet.addToWhitelist, (dave)), "");
    }
}
