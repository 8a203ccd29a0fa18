// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {AdjustableRoundsManager} from "../../src/rounds/AdjustableRoundsManager.sol";
import {IRoundsManager} from "../../src/rounds/IRoundsManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_setRoundLength_Test is ProtocolTest {
    function test_keeps_the_number_of_the_current_round() public {
        rounds.mineBlocks(10);
        vm.expectEmit(address(rounds));
        emit IManager.ParameterUpdate("roundLength");
        rounds.setRoundLength(20);
        vm.assertEq(rounds.currentRound(), FIRST_ROUND);
        vm.assertEq(rounds.currentRoundStartBlock(), FIRST_ROUND * ROUND_LENGTH);
        vm.assertEq(rounds.lastRoundLengthUpdateRound(), FIRST_ROUND);
        vm.assertEq(rounds.lastRoundLengthUpdateStartBlock(), FIRST_ROUND * ROUND_LENGTH);
        rounds.mineBlocks(10);
        vm.assertEq(rounds.currentRound(), FIRST_ROUND + 1);
        vm.assertEq(rounds.currentRoundStartBlock(), FIRST_ROUND * ROUND_LENGTH + 20);
    }

    function test_the_first_length_numbers_all_blocks_from_zero() public {
        address fresh = vm.deployCode("AdjustableRoundsManager.sol:AdjustableRoundsManager", abi.encode(controller));
        AdjustableRoundsManager manager = AdjustableRoundsManager(fresh);
        manager.setBlockNum(1234);
        manager.setRoundLength(100);
        vm.assertEq(manager.currentRound(), 12);
        vm.assertEq(manager.currentRoundStartBlock(), 1200);
    }

    function test_refuses_zero() public {
        bytes memory data = abi.encodeCall(IRoundsManager.setRoundLength, (0));
        assertReverts(owner, address(rounds), data, "round length cannot be 0");
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(rounds), abi.encodeCall(IRoundsManager.setRoundLength, (1)));
    }

    function testFuzz_a_new_length_never_moves_the_current_round(uint256 offset, uint256 length) public {
        rounds.mineBlocks(bound(offset, 0, 10_000));
        uint256 round = rounds.currentRound();
        uint256 startBlock = rounds.currentRoundStartBlock();
        // Longer than the blocks that have passed in the round, else the round has ended by the new length.
        rounds.setRoundLength(bound(length, ROUND_LENGTH, 1e9));
        vm.assertEq(rounds.currentRound(), round);
        vm.assertEq(rounds.currentRoundStartBlock(), startBlock);
    }
}
