// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTDataCache_increaseL2SupplyFromL1_Test is BridgeTest {
    function test_counts_deposits() public {
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(address(l2Gateway));
            l2Cache.increaseL2SupplyFromL1(5);
        }
        vm.assertEq(l2Cache.l2SupplyFromL1(), 10);
    }

    function test_is_the_gateways() public {
        bytes memory data = abi.encodeCall(l2Cache.increaseL2SupplyFromL1, (1));
        assertReverts(owner, address(l2Cache), data, "NOT_L2_LPT_GATEWAY");
    }
}
