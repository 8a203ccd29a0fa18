// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_unbondWithHint_Test is ProtocolTest {
    function test_the_hint_places_the_delegate() public {
        joinAs(alice, 40 * LPT);
        joinAs(bob, 30 * LPT);
        joinAs(dave, 20 * LPT);
        nextRound();
        vm.prank(alice);
        bonding.unbondWithHint(15 * LPT, bob, dave);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
        vm.assertEq(bonding.getNextTranscoderInPool(bob), alice);
    }
}
