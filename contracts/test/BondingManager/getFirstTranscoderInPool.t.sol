// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getFirstTranscoderInPool_Test is ProtocolTest {
    function test_has_the_most_stake() public {
        vm.assertEq(bonding.getFirstTranscoderInPool(), address(0));
        startWithTranscoders();
        vm.assertEq(bonding.getFirstTranscoderInPool(), alice);
        bondAs(dave, 800 * LPT, bob);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
    }

    function test_of_equals_is_the_one_that_came_last() public {
        joinAs(alice, 5 * LPT);
        joinAs(bob, 5 * LPT);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
    }
}
