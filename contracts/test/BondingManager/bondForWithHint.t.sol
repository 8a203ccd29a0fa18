// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_bondForWithHint_Test is ProtocolTest {
    function bondFor(address caller, uint256 amount, address delegator, address to) private {
        vm.prank(caller);
        bonding.bondForWithHint(amount, delegator, to, address(0), address(0), address(0), address(0));
    }

    function bondForData(uint256 amount, address delegator, address to) private view returns (bytes memory) {
        return abi.encodeCall(
            bonding.bondForWithHint, (amount, delegator, to, address(0), address(0), address(0), address(0))
        );
    }

    function test_a_third_party_pays_for_stake_of_the_owner() public {
        startWithTranscoders();
        rewardAs(alice);
        bondFor(dave, 5 * LPT, carol, alice);
        vm.assertEq(bondedAmountOf(carol), bonding.pendingStake(carol, 0));
        vm.assertEq(token.balanceOf(dave), 9_995 * LPT);
        vm.assertEq(bondedAmountOf(dave), 0);
    }

    function test_a_third_party_may_start_a_delegation() public {
        startWithTranscoders();
        bondFor(dave, 5 * LPT, stranger, alice);
        vm.assertEq(delegateOf(stranger), alice);
        vm.assertEq(bondedAmountOf(stranger), 5 * LPT);
    }

    // 2022-03: third parties could change a victim's delegate.
    function test_a_third_party_cannot_change_the_delegate() public {
        startWithTranscoders();
        rewardAs(alice);
        assertReverts(dave, address(bonding), bondForData(1, carol, bob), "INVALID_DELEGATE_CHANGE");
        assertReverts(dave, address(bonding), bondForData(0, carol, bob), "INVALID_DELEGATE_CHANGE");
    }

    // 2023: a bond of 1 wei made the victim a transcoder, which cannot delegate any more.
    function test_a_third_party_cannot_make_anybody_a_transcoder() public {
        startWithTranscoders();
        assertReverts(dave, address(bonding), bondForData(1, stranger, stranger), "INVALID_DELEGATE");
    }

    function test_a_third_party_cannot_bond_for_nobody() public {
        startWithTranscoders();
        assertReverts(dave, address(bonding), bondForData(1, address(0), alice), "INVALID_DELEGATOR");
    }

    // 2024-03: 1 wei bonded before reward() made the victim claim early and lose the round's reward.
    function test_a_third_party_cannot_make_anybody_claim_before_the_reward() public {
        startWithTranscoders();
        assertReverts(dave, address(bonding), bondForData(1, carol, alice), "ILLEGAL_CLAIM_EARNINGS");
        vm.assertEq(lastClaimRoundOf(carol), FIRST_ROUND);
        rewardAs(alice);
        bondFor(dave, 1, carol, alice);
        vm.assertEq(lastClaimRoundOf(carol), FIRST_ROUND + 1);
    }

    function test_a_third_party_may_bond_for_who_has_claimed_in_the_round() public {
        startWithTranscoders();
        claimAs(carol);
        bondFor(dave, 1, carol, alice);
        vm.assertEq(bondedAmountOf(carol), 200 * LPT + 1);
    }

    function test_a_third_party_may_bond_for_who_delegates_to_an_inactive_account() public {
        startWithTranscoders();
        bondAs(dave, LPT, stranger);
        nextRound();
        bondFor(erin, 1, dave, stranger);
        vm.assertEq(bondedAmountOf(dave), LPT + 1);
    }

    function test_the_migrator_is_bound_by_none_of_these_rules() public {
        startWithTranscoders();
        bondFor(migrator, 1, carol, bob);
        vm.assertEq(delegateOf(carol), bob);
        bondFor(migrator, 1, stranger, stranger);
        vm.assertTrue(bonding.isRegisteredTranscoder(stranger));
    }

    // 2022-08: stake bonded to nobody, or to a delegator's own address, must not freeze it.
    function test_stake_bonded_to_nobody_can_be_moved_and_unbonded() public {
        startWithTranscoders();
        bondAs(dave, 7 * LPT, address(0));
        nextRound();
        bondAs(dave, 0, alice);
        vm.assertEq(delegateOf(dave), alice);
        nextRound();
        unbondAs(dave, 7 * LPT);
        vm.assertEq(bondedAmountOf(dave), 0);
    }
}
