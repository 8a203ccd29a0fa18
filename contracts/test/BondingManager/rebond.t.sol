// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_rebond_Test is ProtocolTest {
    function test_returns_a_lock_to_the_stake() public {
        startWithTranscoders();
        unbondAs(carol, 50 * LPT);
        vm.expectEmit(address(bonding));
        emit IBondingManager.Rebond(alice, carol, 0, 50 * LPT);
        vm.prank(carol);
        bonding.rebond(0);
        vm.assertEq(bondedAmountOf(carol), 200 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 1200 * LPT);
        vm.assertFalse(bonding.isValidUnbondingLock(carol, 0));
    }

    function test_works_once_per_lock() public {
        startWithTranscoders();
        unbondAs(carol, 50 * LPT);
        vm.prank(carol);
        bonding.rebond(0);
        assertReverts(carol, address(bonding), abi.encodeCall(bonding.rebond, (0)), "invalid unbonding lock ID");
    }

    function test_works_however_long_ago_the_stake_was_unbonded() public {
        startWithTranscoders();
        unbondAs(carol, 50 * LPT);
        startRound(FIRST_ROUND + 50);
        vm.prank(carol);
        bonding.rebond(0);
        vm.assertEq(bondedAmountOf(carol), 200 * LPT);
    }

    function test_refuses_who_has_no_stake() public {
        startWithTranscoders();
        unbondAs(carol, 200 * LPT);
        assertReverts(carol, address(bonding), abi.encodeCall(bonding.rebond, (0)), "caller must be bonded");
    }

    function test_stake_for_an_evicted_transcoder_waits_until_it_has_called_reward() public {
        startWithTranscoders();
        bondAs(stranger, 10 * LPT, bob);
        nextRound();
        unbondAs(stranger, 5 * LPT);
        joinAs(dave, 2000 * LPT);
        joinAs(erin, 3000 * LPT);
        bytes memory data = abi.encodeCall(bonding.rebond, (0));
        assertReverts(stranger, address(bonding), data, "transcoder has not yet called reward for the current round");
        rewardAs(bob);
        vm.prank(stranger);
        bonding.rebond(0);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.rebond, (0));
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }
}
