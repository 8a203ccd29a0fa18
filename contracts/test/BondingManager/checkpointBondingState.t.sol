// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_checkpointBondingState_Test is ProtocolTest {
    function test_writes_the_present_state_for_anyone() public {
        startWithTranscoders();
        vm.prank(stranger);
        bonding.checkpointBondingState(carol);
        vm.assertEq(votes.getVotes(carol), 200 * LPT);
        vm.assertTrue(votes.hasCheckpoint(carol));
    }

    function test_works_while_paused_and_before_the_round_is_initialized() public {
        startWithTranscoders();
        enterRound(FIRST_ROUND + 2);
        controller.pause();
        bonding.checkpointBondingState(dave);
        vm.assertTrue(votes.hasCheckpoint(dave));
    }
}
