// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_isActiveTranscoder_Test is ProtocolTest {
    function test_becomes_active_in_the_round_after_joining_and_inactive_in_the_round_after_leaving() public {
        joinAs(alice, LPT);
        vm.assertFalse(bonding.isActiveTranscoder(alice));
        nextRound();
        vm.assertTrue(bonding.isActiveTranscoder(alice));
        unbondAs(alice, LPT);
        vm.assertTrue(bonding.isActiveTranscoder(alice));
        nextRound();
        vm.assertFalse(bonding.isActiveTranscoder(alice));
    }
}
