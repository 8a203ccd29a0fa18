// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1LPTDataCache_getCacheTotalSupplyData_Test is BridgeTest {
    function test_follows_the_supply() public {
        vm.prank(alice);
        l1Token.burn(100 * LPT);
        (bytes memory data, uint256 totalSupply) = l1Cache.getCacheTotalSupplyData();
        vm.assertEq(totalSupply, 1900 * LPT);
        vm.assertEq(data, abi.encodeWithSelector(0xae3a23e0, 1900 * LPT), "call data");
    }

    function test_says_whose_supply_goes_where() public view {
        vm.assertEq(l1Cache.tokenAddr(), address(l1Token));
        vm.assertEq(l1Cache.l2LPTDataCacheAddr(), address(l2Cache));
        vm.assertEq(address(l1Cache.inbox()), address(inbox));
    }
}
