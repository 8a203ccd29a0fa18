// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTDataCache_l1CirculatingSupply_Test is BridgeTest {
    function test_is_what_is_outside_of_the_escrow(uint256 total, uint256 bridged) public {
        vm.prank(aliasOf(address(l1Cache)));
        l2Cache.finalizeCacheTotalSupply(total);
        vm.prank(address(l2Gateway));
        l2Cache.increaseL2SupplyFromL1(bridged);
        vm.assertEq(l2Cache.l1CirculatingSupply(), total > bridged ? total - bridged : 0);
    }

    function test_is_nothing_when_all_is_here() public {
        vm.prank(aliasOf(address(l1Cache)));
        l2Cache.finalizeCacheTotalSupply(5);
        vm.prank(address(l2Gateway));
        l2Cache.increaseL2SupplyFromL1(5);
        vm.assertEq(l2Cache.l1CirculatingSupply(), 0);
    }
}
