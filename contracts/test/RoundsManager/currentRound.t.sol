// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_currentRound_Test is ProtocolTest {
    function testFuzz_counts_blocks_in_rounds(uint256 blockNumber) public {
        blockNumber = bound(blockNumber, 0, 1e18);
        rounds.setBlockNum(blockNumber);
        vm.assertEq(rounds.currentRound(), blockNumber / ROUND_LENGTH);
        vm.assertEq(rounds.currentRoundStartBlock(), blockNumber / ROUND_LENGTH * ROUND_LENGTH);
    }
}
