// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IInbox} from "../../src/bridge/arbitrum/IInbox.sol";
import {IL1LPTDataCache} from "../../src/bridge/l1/IL1LPTDataCache.sol";
import {L1ArbitrumMessenger} from "../../src/bridge/l1/L1ArbitrumMessenger.sol";
import {InboxStandIn} from "../../src/dev/InboxStandIn.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1LPTDataCache_cacheTotalSupply_Test is BridgeTest {
    function test_anybody_may_tell_layer_2_the_supply() public {
        bytes memory data = abi.encodeWithSelector(0xae3a23e0, 2000 * LPT);
        bytes memory packed = abi.encodePacked(
            abi.encode(address(l2Cache), 0, MESSAGE_COST, SUBMISSION_COST, stranger, stranger, MAX_GAS, GAS_PRICE, 36),
            data
        );
        vm.expectEmit(address(inbox));
        emit IInbox.InboxMessageDelivered(0, packed);
        vm.expectEmit(address(l1Cache));
        emit L1ArbitrumMessenger.TxToL2(stranger, address(l2Cache), 0, data);
        vm.expectEmit(address(l1Cache));
        emit IL1LPTDataCache.CacheTotalSupplyInitiated(0, 2000 * LPT);
        vm.prank(stranger);
        l1Cache.cacheTotalSupply{value: MESSAGE_COST}(MAX_GAS, GAS_PRICE, SUBMISSION_COST);
    }

    function test_must_be_paid() public {
        bytes memory data = abi.encodeCall(l1Cache.cacheTotalSupply, (MAX_GAS, GAS_PRICE, SUBMISSION_COST));
        bytes memory reason = abi.encodeWithSelector(InboxStandIn.InsufficientValue.selector, MESSAGE_COST, 0);
        assertRevertsWith(stranger, address(l1Cache), data, reason);
    }
}
