// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_currentRoundInitialized_Test is ProtocolTest {
    function test_ends_with_the_round() public {
        vm.assertTrue(rounds.currentRoundInitialized());
        rounds.mineBlocks(ROUND_LENGTH - 1);
        vm.assertTrue(rounds.currentRoundInitialized());
        rounds.mineBlocks(1);
        vm.assertFalse(rounds.currentRoundInitialized());
    }
}
