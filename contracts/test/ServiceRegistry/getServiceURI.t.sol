// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract ServiceRegistry_getServiceURI_Test is ProtocolTest {
    function testFuzz_gives_back_what_was_set(address who, string calldata uri) public {
        if (who == address(registry)) return;
        vm.prank(who);
        registry.setServiceURI(uri);
        vm.assertEq(registry.getServiceURI(who), uri);
    }
}
