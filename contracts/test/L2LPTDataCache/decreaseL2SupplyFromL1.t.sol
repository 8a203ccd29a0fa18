// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTDataCache_decreaseL2SupplyFromL1_Test is BridgeTest {
    function test_counts_withdrawals_down_to_nothing() public {
        vm.prank(address(l2Gateway));
        l2Cache.increaseL2SupplyFromL1(10);
        vm.prank(address(l2Gateway));
        l2Cache.decreaseL2SupplyFromL1(9);
        vm.assertEq(l2Cache.l2SupplyFromL1(), 1);
        vm.prank(address(l2Gateway));
        l2Cache.decreaseL2SupplyFromL1(2);
        vm.assertEq(l2Cache.l2SupplyFromL1(), 0);
    }

    function test_is_the_gateways() public {
        bytes memory data = abi.encodeCall(l2Cache.decreaseL2SupplyFromL1, (1));
        assertReverts(owner, address(l2Cache), data, "NOT_L2_LPT_GATEWAY");
    }
}
