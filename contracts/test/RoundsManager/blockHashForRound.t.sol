// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_blockHashForRound_Test is ProtocolTest {
    function test_is_kept_for_every_round_that_was_initialized() public {
        nextRound();
        vm.assertEq(rounds.blockHashForRound(FIRST_ROUND), roundHash(FIRST_ROUND));
        vm.assertEq(rounds.blockHashForRound(FIRST_ROUND + 1), roundHash(FIRST_ROUND + 1));
        vm.assertEq(rounds.blockHashForRound(FIRST_ROUND + 2), bytes32(0));
    }
}
