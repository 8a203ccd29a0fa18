// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_rewardForTranscoderWithHint_Test is ProtocolTest {
    function test_the_hint_places_the_transcoder() public {
        joinAs(alice, 40 * LPT);
        bondAs(bob, 40 * LPT - 1, bob);
        nextRound();
        vm.prank(bob);
        bonding.setRewardCaller(dave);
        vm.prank(dave);
        bonding.rewardForTranscoderWithHint(bob, address(0), alice);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
    }
}
