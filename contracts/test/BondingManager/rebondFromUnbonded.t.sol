// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_rebondFromUnbonded_Test is ProtocolTest {
    function test_bonds_a_lock_to_a_new_delegate() public {
        startWithTranscoders();
        unbondAs(carol, 200 * LPT);
        vm.prank(carol);
        bonding.rebondFromUnbonded(bob, 0);
        vm.assertEq(delegateOf(carol), bob);
        vm.assertEq(bondedAmountOf(carol), 200 * LPT);
        vm.assertEq(startRoundOf(carol), FIRST_ROUND + 2);
        vm.assertEq(bonding.transcoderTotalStake(bob), 700 * LPT);
    }

    function test_bonding_to_oneself_registers() public {
        startWithTranscoders();
        unbondAs(carol, 200 * LPT);
        vm.prank(carol);
        bonding.rebondFromUnbonded(carol, 0);
        vm.assertTrue(bonding.isRegisteredTranscoder(carol));
        vm.assertEq(bonding.getTranscoderPoolSize(), 3);
    }

    function test_refuses_who_has_stake() public {
        startWithTranscoders();
        unbondAs(carol, 100 * LPT);
        bytes memory data = abi.encodeCall(bonding.rebondFromUnbonded, (bob, 0));
        assertReverts(carol, address(bonding), data, "caller must be unbonded");
    }

    // 2023-10: without this round's factors the stake grew by the delegate's whole history at the next claim.
    function test_stake_does_not_grow_by_rewards_from_before_it_was_bonded() public {
        startWithTranscoders();
        unbondAs(carol, 200 * LPT);
        for (uint256 i = 0; i < 5; i++) {
            rewardAs(bob);
            nextRound();
        }
        // In this round bob has called nothing, so his factors stand in an earlier round.
        vm.prank(carol);
        bonding.rebondFromUnbonded(bob, 0);
        nextRound();
        vm.assertEq(bonding.pendingStake(carol, 0), 200 * LPT);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.rebondFromUnbonded, (alice, 0));
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }
}
