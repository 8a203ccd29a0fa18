// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_transferBond_Test is ProtocolTest {
    function transfer(address from, address to, uint256 amount) private {
        vm.prank(from);
        bonding.transferBond(to, amount, address(0), address(0), address(0), address(0));
    }

    function transferData(address to, uint256 amount) private view returns (bytes memory) {
        return abi.encodeCall(bonding.transferBond, (to, amount, address(0), address(0), address(0), address(0)));
    }

    function test_a_new_delegator_gets_the_senders_delegate() public {
        startWithTranscoders();
        vm.expectEmit(address(bonding));
        emit IBondingManager.TransferBond(carol, dave, 0, 0, 50 * LPT);
        transfer(carol, dave, 50 * LPT);
        vm.assertEq(delegateOf(dave), alice);
        vm.assertEq(bondedAmountOf(dave), 50 * LPT);
        vm.assertEq(startRoundOf(dave), FIRST_ROUND + 2);
        vm.assertEq(nextLockOf(dave), 1);
        vm.assertEq(nextLockOf(carol), 1);
        vm.assertEq(bondedAmountOf(carol), 150 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 1200 * LPT);
        vm.assertFalse(bonding.isValidUnbondingLock(carol, 0));
        vm.assertFalse(bonding.isValidUnbondingLock(dave, 0));
    }

    function test_stake_for_a_delegator_goes_to_its_own_delegate() public {
        startWithTranscoders();
        bondAs(dave, 10 * LPT, bob);
        transfer(carol, dave, 50 * LPT);
        vm.assertEq(delegateOf(dave), bob);
        vm.assertEq(bondedAmountOf(dave), 60 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(bob), 560 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 1150 * LPT);
    }

    // 2022-02: the receiver of everything a delegator had was left without a delegate.
    function test_everything_can_be_transferred() public {
        startWithTranscoders();
        transfer(carol, dave, 200 * LPT);
        vm.assertEq(delegateOf(carol), address(0));
        vm.assertEq(delegateOf(dave), alice);
        vm.assertEq(bondedAmountOf(dave), 200 * LPT);
    }

    // 2022-02: locks the receiver had before must survive.
    function test_keeps_the_locks_of_both_sides() public {
        startWithTranscoders();
        bondAs(dave, 10 * LPT, bob);
        nextRound();
        unbondAs(dave, 4 * LPT);
        unbondAs(dave, 3 * LPT);
        unbondAs(carol, 6 * LPT);
        transfer(carol, dave, 50 * LPT);
        (uint256 first,) = bonding.getDelegatorUnbondingLock(dave, 0);
        (uint256 second,) = bonding.getDelegatorUnbondingLock(dave, 1);
        (uint256 carols,) = bonding.getDelegatorUnbondingLock(carol, 0);
        vm.assertEq(first, 4 * LPT);
        vm.assertEq(second, 3 * LPT);
        vm.assertEq(carols, 6 * LPT);
        vm.assertFalse(bonding.isValidUnbondingLock(dave, 2));
        unbondAs(dave, 1 * LPT);
        vm.assertTrue(bonding.isValidUnbondingLock(dave, 3));
    }

    // 2023-06: a transcoder could force its victim to be a transcoder.
    function test_cannot_make_the_receiver_a_transcoder() public {
        startWithTranscoders();
        bondAs(dave, 10 * LPT, stranger);
        nextRound();
        assertReverts(dave, address(bonding), transferData(stranger, LPT), "INVALID_DELEGATOR");
    }

    function test_cannot_give_stake_to_nobody() public {
        startWithTranscoders();
        assertReverts(carol, address(bonding), transferData(address(0), LPT), "INVALID_DELEGATOR");
    }

    // 2024-03: see bondForWithHint.
    function test_cannot_make_the_receiver_claim_before_the_reward() public {
        startWithTranscoders();
        bondAs(dave, 10 * LPT, bob);
        nextRound();
        assertReverts(carol, address(bonding), transferData(dave, LPT), "ILLEGAL_CLAIM_EARNINGS");
        rewardAs(bob);
        transfer(carol, dave, LPT);
    }

    function test_a_transcoder_can_transfer_to_itself_as_a_delegator_would() public {
        startWithTranscoders();
        transfer(carol, carol, 50 * LPT);
        vm.assertEq(bondedAmountOf(carol), 200 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 1200 * LPT);
    }

    function test_refuses_what_cannot_be_unbonded() public {
        startWithTranscoders();
        assertReverts(stranger, address(bonding), transferData(dave, 1), "caller must be bonded");
        assertReverts(carol, address(bonding), transferData(dave, 0), "unbond amount must be greater than 0");
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        assertNeedsRunningSystem(alice, address(bonding), transferData(dave, 1));
        assertNeedsInitializedRound(alice, address(bonding), transferData(dave, 1));
    }

    function testFuzz_total_stake_stays(uint256 amount) public {
        startWithTranscoders();
        amount = bound(amount, 1, 200 * LPT);
        transfer(carol, dave, amount);
        vm.assertEq(bondedAmountOf(carol) + bondedAmountOf(dave), 200 * LPT);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 1700 * LPT);
    }
}
