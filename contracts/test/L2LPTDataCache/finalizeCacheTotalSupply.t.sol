// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgedSupply} from "../../src/bridge/l2/IBridgedSupply.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTDataCache_finalizeCacheTotalSupply_Test is BridgeTest {
    function test_takes_the_supply_for_the_minter() public {
        vm.expectEmit(address(l2Cache));
        emit IBridgedSupply.CacheTotalSupplyFinalized(2000 * LPT);
        vm.prank(aliasOf(address(l1Cache)));
        l2Cache.finalizeCacheTotalSupply(2000 * LPT);
        vm.assertEq(l2Cache.l1TotalSupply(), 2000 * LPT);
        vm.assertEq(minter.getGlobalTotalSupply(), 82_000 * LPT);
    }

    function test_comes_from_the_alias_of_the_layer_1_cache_only() public {
        bytes memory data = abi.encodeCall(l2Cache.finalizeCacheTotalSupply, (1));
        assertReverts(address(l1Cache), address(l2Cache), data, "ONLY_COUNTERPART_GATEWAY");
        assertReverts(owner, address(l2Cache), data, "ONLY_COUNTERPART_GATEWAY");
    }
}
