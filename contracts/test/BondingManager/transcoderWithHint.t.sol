// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_transcoderWithHint_Test is ProtocolTest {
    function test_joins_the_pool_at_the_hinted_place() public {
        joinAs(alice, 40 * LPT);
        joinAs(bob, 20 * LPT);
        joinAs(dave, 10 * LPT);
        nextRound();
        // erin has as much as bob and is outside until bob's neighbour leaves.
        bondAs(erin, 10 * LPT, erin);
        vm.assertFalse(bonding.isActiveTranscoder(erin));
        unbondAs(dave, 10 * LPT);
        vm.prank(erin);
        bonding.transcoderWithHint(1, 1, bob, address(0));
        vm.assertEq(bonding.getNextTranscoderInPool(bob), erin);
        vm.assertEq(bonding.getTranscoderPoolSize(), 3);
    }

    function test_a_wrong_hint_does_no_harm() public {
        joinAs(alice, 40 * LPT);
        joinAs(bob, 20 * LPT);
        joinAs(dave, 10 * LPT);
        nextRound();
        bondAs(erin, 10 * LPT, erin);
        unbondAs(dave, 10 * LPT);
        vm.prank(erin);
        bonding.transcoderWithHint(1, 1, stranger, alice);
        vm.assertEq(bonding.getNextTranscoderInPool(bob), erin);
    }
}
