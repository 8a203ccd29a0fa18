// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_unbond_Test is ProtocolTest {
    function test_moves_stake_into_a_lock() public {
        startWithTranscoders();
        vm.expectEmit(address(bonding));
        emit IBondingManager.Unbond(alice, carol, 0, 50 * LPT, FIRST_ROUND + 1 + UNBONDING_PERIOD);
        unbondAs(carol, 50 * LPT);
        (uint256 amount, uint256 withdrawRound) = bonding.getDelegatorUnbondingLock(carol, 0);
        vm.assertEq(amount, 50 * LPT);
        vm.assertEq(withdrawRound, FIRST_ROUND + 1 + UNBONDING_PERIOD);
        vm.assertEq(bondedAmountOf(carol), 150 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 1150 * LPT);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 1650 * LPT);
        vm.assertEq(bonding.getTotalBonded(), 1700 * LPT);
    }

    function test_unbonding_everything_clears_the_delegate() public {
        startWithTranscoders();
        unbondAs(carol, 200 * LPT);
        vm.assertEq(delegateOf(carol), address(0));
        vm.assertEq(startRoundOf(carol), 0);
        vm.assertEq(uint256(bonding.delegatorStatus(carol)), uint256(IBondingManager.DelegatorStatus.Unbonded));
    }

    function test_a_transcoder_that_unbonds_everything_resigns_and_is_active_until_the_round_ends() public {
        startWithTranscoders();
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderDeactivated(alice, FIRST_ROUND + 2);
        unbondAs(alice, 1000 * LPT);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 500 * LPT);
        vm.assertTrue(bonding.isActiveTranscoder(alice));
        nextRound();
        vm.assertFalse(bonding.isActiveTranscoder(alice));
        vm.assertEq(bonding.transcoderTotalStake(alice), 200 * LPT);
    }

    function test_pending_stake_cannot_be_unbonded() public {
        startWithTranscoders();
        bondAs(dave, LPT, alice);
        assertReverts(dave, address(bonding), abi.encodeCall(bonding.unbond, (1)), "caller must be bonded");
        assertReverts(stranger, address(bonding), abi.encodeCall(bonding.unbond, (1)), "caller must be bonded");
    }

    function test_refuses_nothing_and_more_than_there_is() public {
        startWithTranscoders();
        bytes memory nothing = abi.encodeCall(bonding.unbond, (0));
        bytes memory tooMuch = abi.encodeCall(bonding.unbond, (200 * LPT + 1));
        assertReverts(carol, address(bonding), nothing, "unbond amount must be greater than 0");
        assertReverts(carol, address(bonding), tooMuch, "amount is greater than bonded amount");
    }

    function test_claims_earnings_first() public {
        startWithTranscoders();
        rewardAs(alice);
        uint256 pending = bonding.pendingStake(carol, 0);
        vm.assertGt(pending, 200 * LPT, "carol has earned");
        unbondAs(carol, pending);
        (uint256 amount,) = bonding.getDelegatorUnbondingLock(carol, 0);
        vm.assertEq(amount, pending);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.unbond, (1));
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }

    function testFuzz_locks_and_stake_add_up(uint256 first, uint256 second) public {
        startWithTranscoders();
        first = bound(first, 1, 100 * LPT);
        second = bound(second, 1, 100 * LPT);
        unbondAs(carol, first);
        unbondAs(carol, second);
        (uint256 one,) = bonding.getDelegatorUnbondingLock(carol, 0);
        (uint256 two,) = bonding.getDelegatorUnbondingLock(carol, 1);
        vm.assertEq(one + two + bondedAmountOf(carol), 200 * LPT);
    }
}
