// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOwnable} from "../../src/controller/IOwnable.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract LivepeerTokenFaucet_transferOwnership_Test is ProtocolTest {
    function test_hands_the_list_over() public {
        IOwnable(address(faucet)).transferOwnership(alice);
        vm.assertEq(IOwnable(address(faucet)).owner(), alice);
        assertRevertsWith(owner, address(faucet), abi.encodeCall(faucet.addToWhitelist, (dave)), "");
    }
}
