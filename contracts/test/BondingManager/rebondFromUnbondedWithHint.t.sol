// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_rebondFromUnbondedWithHint_Test is ProtocolTest {
    function test_the_hint_places_the_delegate() public {
        joinAs(alice, 40 * LPT);
        joinAs(bob, 30 * LPT);
        bondAs(carol, 15 * LPT, alice);
        nextRound();
        unbondAs(carol, 15 * LPT);
        vm.prank(carol);
        bonding.rebondFromUnbondedWithHint(bob, 0, address(0), alice);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
        vm.assertEq(bonding.getNextTranscoderInPool(bob), alice);
    }
}
