// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_isRegisteredTranscoder_Test is ProtocolTest {
    function test_needs_stake_bonded_to_oneself() public {
        startWithTranscoders();
        vm.assertTrue(bonding.isRegisteredTranscoder(bob));
        vm.assertFalse(bonding.isRegisteredTranscoder(carol));
        unbondAs(bob, 500 * LPT);
        vm.assertFalse(bonding.isRegisteredTranscoder(bob));
    }
}
