// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridgedSupply} from "../../src/bridge/l2/IBridgedSupply.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTDataCache_setL2LPTGateway_Test is BridgeTest {
    function test_sets_who_counts_transfers() public {
        vm.expectEmit(address(l2Cache));
        emit IBridgedSupply.L2LPTGatewayUpdate(bob);
        l2Cache.setL2LPTGateway(bob);
        vm.assertEq(l2Cache.l2LPTGateway(), bob);
    }

    function test_is_the_owners() public {
        bytes memory data = abi.encodeCall(l2Cache.setL2LPTGateway, (stranger));
        assertReverts(stranger, address(l2Cache), data, "Ownable: caller is not the owner");
    }
}
