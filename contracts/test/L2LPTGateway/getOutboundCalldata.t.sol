// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTGateway_getOutboundCalldata_Test is BridgeTest {
    function test_is_the_call_that_the_layer_1_gateway_takes() public view {
        bytes memory expected = abi.encodeWithSelector(
            0x2e567b36, address(l1Token), alice, bob, 5, abi.encode(uint256(0), bytes(hex"beef"))
        );
        bytes memory data = l2Gateway.getOutboundCalldata(address(l1Token), alice, bob, 5, hex"beef");
        vm.assertEq(data, expected, "call data");
    }
}
