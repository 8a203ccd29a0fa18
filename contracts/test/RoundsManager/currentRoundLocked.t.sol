// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_currentRoundLocked_Test is ProtocolTest {
    function test_covers_the_last_tenth_of_the_round() public {
        rounds.mineBlocks(44);
        vm.assertFalse(rounds.currentRoundLocked());
        rounds.mineBlocks(1);
        vm.assertTrue(rounds.currentRoundLocked());
        rounds.mineBlocks(5);
        vm.assertFalse(rounds.currentRoundLocked());
    }
}
