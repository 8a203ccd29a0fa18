// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getNextTranscoderInPool_Test is ProtocolTest {
    function test_walks_the_pool_by_falling_stake_and_ends_with_nobody() public {
        joinAs(alice, 1 * LPT);
        joinAs(bob, 3 * LPT);
        joinAs(carol, 2 * LPT);
        vm.assertEq(bonding.getNextTranscoderInPool(bob), carol);
        vm.assertEq(bonding.getNextTranscoderInPool(carol), alice);
        vm.assertEq(bonding.getNextTranscoderInPool(alice), address(0));
    }
}
