// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getTranscoderPoolSize_Test is ProtocolTest {
    function test_counts_the_pool_and_never_exceeds_its_limit() public {
        vm.assertEq(bonding.getTranscoderPoolSize(), 0);
        joinAs(alice, 1 * LPT);
        vm.assertEq(bonding.getTranscoderPoolSize(), 1);
        joinAs(bob, 2 * LPT);
        joinAs(carol, 3 * LPT);
        joinAs(dave, 4 * LPT);
        vm.assertEq(bonding.getTranscoderPoolSize(), bonding.getTranscoderPoolMaxSize());
    }
}
