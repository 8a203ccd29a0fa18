// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgedSupply} from "../../src/bridge/l2/IBridgedSupply.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTDataCache_setL1LPTDataCache_Test is BridgeTest {
    function test_sets_who_sends_updates() public {
        vm.expectEmit(address(l2Cache));
        emit IBridgedSupply.L1LPTDataCacheUpdate(bob);
        l2Cache.setL1LPTDataCache(bob);
        vm.assertEq(l2Cache.l1LPTDataCache(), bob);
    }

    function test_is_the_owners() public {
        bytes memory data = abi.encodeCall(l2Cache.setL1LPTDataCache, (stranger));
        assertReverts(stranger, address(l2Cache), data, "Ownable: caller is not the owner");
    }
}
