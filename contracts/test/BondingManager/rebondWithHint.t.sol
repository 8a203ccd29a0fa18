// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_rebondWithHint_Test is ProtocolTest {
    function test_the_hint_places_the_delegate() public {
        joinAs(alice, 40 * LPT);
        joinAs(bob, 30 * LPT);
        nextRound();
        unbondAs(alice, 20 * LPT);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
        vm.prank(alice);
        bonding.rebondWithHint(0, address(0), bob);
        vm.assertEq(bonding.getFirstTranscoderInPool(), alice);
    }
}
