// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsManager} from "../../src/rounds/IRoundsManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_initializeRound_Test is ProtocolTest {
    function test_anyone_starts_the_round_and_its_hash_is_kept() public {
        enterRound(FIRST_ROUND + 1);
        vm.expectEmit(address(rounds));
        emit IRoundsManager.NewRound(FIRST_ROUND + 1, roundHash(FIRST_ROUND + 1));
        vm.prank(stranger);
        rounds.initializeRound();
        vm.assertTrue(rounds.currentRoundInitialized());
        vm.assertEq(rounds.lastInitializedRound(), FIRST_ROUND + 1);
        vm.assertEq(rounds.blockHashForRound(FIRST_ROUND + 1), roundHash(FIRST_ROUND + 1));
    }

    function test_works_once_per_round() public {
        bytes memory data = abi.encodeCall(IRoundsManager.initializeRound, ());
        assertReverts(stranger, address(rounds), data, "round already initialized");
    }

    function test_skipped_rounds_stay_without_a_hash() public {
        startRound(FIRST_ROUND + 3);
        vm.assertEq(rounds.blockHashForRound(FIRST_ROUND + 2), bytes32(0));
    }

    function test_fixes_the_issuance_from_the_stake_of_the_new_round() public {
        joinAs(alice, 9_000 * LPT);
        joinAs(bob, 9_000 * LPT);
        minter.setTargetBondingRate(1);
        uint256 before = minter.inflation();
        nextRound();
        // Nothing was bonded in the round that ended; the new round is above the target.
        vm.assertEq(minter.inflation(), before - 3_000);
    }

    function test_needs_a_running_system() public {
        enterRound(FIRST_ROUND + 1);
        assertNeedsRunningSystem(stranger, address(rounds), abi.encodeCall(IRoundsManager.initializeRound, ()));
    }
}
