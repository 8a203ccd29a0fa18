// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_bond_Test is ProtocolTest {
    function test_bonding_to_oneself_registers_and_joins_the_pool() public {
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderActivated(alice, FIRST_ROUND + 1);
        vm.expectEmit(address(bonding));
        emit IBondingManager.Bond(alice, address(0), alice, 5 * LPT, 5 * LPT);
        bondAs(alice, 5 * LPT, alice);

        vm.assertTrue(bonding.isRegisteredTranscoder(alice));
        vm.assertEq(bonding.getFirstTranscoderInPool(), alice);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 5 * LPT);
        vm.assertEq(bonding.currentRoundTotalActiveStake(), 0);
        vm.assertEq(token.balanceOf(address(minter)), 5 * LPT);
        vm.assertEq(token.balanceOf(alice), 9_995 * LPT);
        vm.assertFalse(bonding.isActiveTranscoder(alice));
        nextRound();
        vm.assertTrue(bonding.isActiveTranscoder(alice));
    }

    function test_bonding_to_another_adds_to_its_stake() public {
        startWithTranscoders();
        vm.assertEq(bonding.transcoderTotalStake(alice), 1200 * LPT);
        vm.assertEq(bonding.getTotalBonded(), 1700 * LPT);
        vm.assertEq(bondedAmountOf(carol), 200 * LPT);
        vm.assertEq(delegateOf(carol), alice);
    }

    function test_a_larger_stake_evicts_the_last_of_a_full_pool() public {
        joinAs(alice, 10 * LPT);
        joinAs(bob, 20 * LPT);
        joinAs(carol, 30 * LPT);
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderDeactivated(alice, FIRST_ROUND + 1);
        bondAs(dave, 11 * LPT, dave);
        vm.assertEq(bonding.getNextTranscoderInPool(bob), dave);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 61 * LPT);
    }

    function test_an_equal_stake_does_not_evict() public {
        joinAs(alice, 10 * LPT);
        joinAs(bob, 20 * LPT);
        joinAs(carol, 30 * LPT);
        bondAs(dave, 10 * LPT, dave);
        vm.assertEq(bonding.getNextTranscoderInPool(bob), alice);
        vm.assertTrue(bonding.isRegisteredTranscoder(dave));
    }

    function test_moving_takes_the_whole_stake_along() public {
        startWithTranscoders();
        rewardAs(alice);
        nextRound();
        uint256 pending = bonding.pendingStake(carol, 0);
        vm.assertGt(pending, 200 * LPT, "carol has earned");
        bondAs(carol, 0, bob);
        vm.assertEq(bondedAmountOf(carol), pending);
        vm.assertEq(delegateOf(carol), bob);
        vm.assertEq(bonding.transcoderTotalStake(bob), 500 * LPT + pending);
        vm.assertEq(uint256(bonding.delegatorStatus(carol)), uint256(IBondingManager.DelegatorStatus.Pending));
    }

    function test_adding_nothing_to_the_same_delegate_fails() public {
        startWithTranscoders();
        bytes memory data = abi.encodeCall(bonding.bond, (0, alice));
        assertReverts(carol, address(bonding), data, "delegation amount must be greater than 0");
        assertReverts(stranger, address(bonding), data, "delegation amount must be greater than 0");
    }

    // 2018-05: a transcoder that delegated away from itself could claim inflated earnings.
    function test_a_registered_transcoder_cannot_delegate_away() public {
        startWithTranscoders();
        assertReverts(
            alice,
            address(bonding),
            abi.encodeCall(bonding.bond, (LPT, bob)),
            "registered transcoders can't delegate towards other addresses"
        );
    }

    function test_nothing_is_bonded_that_the_caller_does_not_have() public {
        bytes memory data = abi.encodeCall(bonding.bond, (10_001 * LPT, alice));
        assertReverts(alice, address(bonding), data, "ERC20: transfer amount exceeds balance");
        vm.assertEq(bonding.transcoderTotalStake(alice), 0);
    }

    function test_stake_for_an_evicted_transcoder_waits_until_it_has_called_reward() public {
        startWithTranscoders();
        joinAs(dave, 2000 * LPT);
        joinAs(erin, 3000 * LPT);
        vm.assertEq(deactivationRoundOf(bob), FIRST_ROUND + 2);
        bytes memory data = abi.encodeCall(bonding.bond, (LPT, bob));
        assertReverts(stranger, address(bonding), data, "transcoder has not yet called reward for the current round");
        rewardAs(bob);
        bondAs(stranger, LPT, bob);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.bond, (LPT, alice));
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }

    function testFuzz_the_minter_holds_what_is_bonded(uint96 first, uint96 second) public {
        uint256 a = bound(first, 1, 10_000 * LPT);
        uint256 b = bound(second, 1, 10_000 * LPT);
        bondAs(alice, a, alice);
        bondAs(bob, b, alice);
        vm.assertEq(token.balanceOf(address(minter)), a + b);
        vm.assertEq(bonding.transcoderTotalStake(alice), a + b);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), a + b);
    }
}
