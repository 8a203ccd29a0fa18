// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashing} from "../../src/bonding/ISlashing.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_freezeStake_Test is ProtocolTest {
    ISlashing private slashing;

    function setUp() public override {
        super.setUp();
        slashing = ISlashing(address(bonding));
        startWithTranscoders();
        register("Verifier", verifier);
    }

    function freeze(address who) private {
        vm.prank(verifier);
        slashing.freezeStake(who);
    }

    function test_keeps_locks_from_being_withdrawn_and_rebonded_until_the_release() public {
        unbondAs(alice, 400 * LPT);
        vm.expectEmit(address(bonding));
        emit ISlashing.StakeFrozen(alice, FIRST_ROUND + 1);
        freeze(alice);
        vm.assertEq(slashing.stakeFrozenSince(alice), FIRST_ROUND + 1);
        string memory refusal = "stake is frozen by a dispute";
        assertReverts(alice, address(bonding), abi.encodeCall(bonding.rebond, (0)), refusal);
        nextRound();
        nextRound();
        bytes memory withdrawal = abi.encodeCall(bonding.withdrawStake, (0));
        assertReverts(alice, address(bonding), withdrawal, refusal);

        vm.expectEmit(address(bonding));
        emit ISlashing.StakeReleased(alice);
        vm.prank(verifier);
        slashing.releaseStake(alice);
        vm.assertEq(slashing.stakeFrozenSince(alice), 0);
        vm.prank(alice);
        bonding.withdrawStake(0);
        vm.assertEq(token.balanceOf(alice), 9400 * LPT);
    }

    function test_keeps_somebody_who_has_unbonded_everything_from_bonding_it_elsewhere() public {
        unbondAs(alice, 1000 * LPT);
        freeze(alice);
        bytes memory data = abi.encodeCall(bonding.rebondFromUnbonded, (bob, 0));
        assertReverts(alice, address(bonding), data, "stake is frozen by a dispute");
    }

    function test_keeps_stake_from_being_transferred_also_by_a_delegator() public {
        freeze(carol);
        bytes memory data = abi.encodeCall(
            bonding.transferBond, (dave, 100 * LPT, address(0), address(0), address(0), address(0))
        );
        assertReverts(carol, address(bonding), data, "stake is frozen by a dispute");
    }

    function test_ends_with_the_verifier_that_ordered_it() public {
        unbondAs(alice, 400 * LPT);
        freeze(alice);
        nextRound();
        nextRound();
        register("Verifier", account("another verifier"));
        vm.assertEq(slashing.stakeFrozenSince(alice), 0);
        vm.prank(alice);
        bonding.withdrawStake(0);
        vm.assertEq(token.balanceOf(alice), 9400 * LPT);
    }

    function test_leaves_bonding_unbonding_and_claims_alone() public {
        freeze(alice);
        bondAs(alice, LPT, alice);
        unbondAs(alice, LPT);
        rewardAs(alice);
        claimAs(alice);
    }

    function test_freezing_and_releasing_are_reserved_to_the_verifier() public {
        bytes memory data = abi.encodeCall(slashing.freezeStake, (alice));
        assertReverts(owner, address(bonding), data, "caller must be Verifier");
        data = abi.encodeCall(slashing.releaseStake, (alice));
        assertReverts(owner, address(bonding), data, "caller must be Verifier");
    }
}

contract BondingManager_transferBond_with_a_Verifier_Test is ProtocolTest {
    string private constant REFUSAL = "stake that can be slashed cannot be transferred";

    function setUp() public override {
        super.setUp();
        startWithTranscoders();
        register("Verifier", verifier);
    }

    function transferData() private view returns (bytes memory) {
        return abi.encodeCall(
            bonding.transferBond, (dave, 100 * LPT, address(0), address(0), address(0), address(0))
        );
    }

    function transferAs(address who) private {
        bytes memory data = transferData();
        vm.prank(who);
        (bool ok,) = address(bonding).call(data);
        vm.assertTrue(ok, "the transfer should succeed");
    }

    function test_an_orchestrator_cannot_hand_its_stake_to_somebody_else() public {
        assertReverts(alice, address(bonding), transferData(), REFUSAL);
    }

    function test_nor_can_one_that_has_left_less_than_an_unbonding_period_ago() public {
        unbondAs(alice, 1000 * LPT);
        vm.prank(alice);
        bonding.rebondFromUnbonded(bob, 0);
        for (uint256 i = 0; i < 2; i++) {
            nextRound();
            assertReverts(alice, address(bonding), transferData(), REFUSAL);
        }
        nextRound();
        transferAs(alice);
    }

    function test_delegators_can() public {
        nextRound();
        transferAs(carol);
        vm.assertEq(bondedAmountOf(dave), 100 * LPT);
    }

    function test_delegators_can_while_the_network_is_younger_than_an_unbonding_period() public {
        bonding.setUnbondingPeriod(type(uint64).max);
        transferAs(carol);
        vm.assertEq(bondedAmountOf(dave), 100 * LPT);
    }

    function test_everybody_can_where_no_verifier_is_registered() public {
        register("Verifier", address(0));
        transferAs(alice);
        vm.assertEq(bondedAmountOf(dave), 100 * LPT);
    }
}
