// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_transcoderTotalStake_Test is ProtocolTest {
    function test_counts_all_stake_bonded_to_the_account() public {
        startWithTranscoders();
        vm.assertEq(bonding.transcoderTotalStake(alice), 1200 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(carol), 0);
    }
}
