// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashing} from "../../src/bonding/ISlashing.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_fineTranscoder_Test is ProtocolTest {
    ISlashing private slashing;

    function setUp() public override {
        super.setUp();
        slashing = ISlashing(address(bonding));
        startWithTranscoders();
        register("Verifier", verifier);
    }

    function fine(address who, uint256 amount) private returns (uint256) {
        vm.prank(verifier);
        return slashing.fineTranscoder(who, amount);
    }

    function test_moves_stake_to_the_treasury_and_leaves_the_transcoder_in_the_pool() public {
        vm.expectEmit(address(bonding));
        emit ISlashing.TranscoderFined(alice, 300 * LPT);
        vm.assertEq(fine(alice, 300 * LPT), 300 * LPT);
        vm.assertEq(bondedAmountOf(alice), 700 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 900 * LPT);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 1400 * LPT);
        vm.assertEq(token.balanceOf(treasury), 300 * LPT);
        vm.assertEq(deactivationRoundOf(alice), NEVER);
        vm.assertEq(votes.getVotes(alice), 900 * LPT);
    }

    function test_moves_the_transcoder_in_the_pool() public {
        bondAs(dave, 600 * LPT, bob);
        vm.assertEq(bonding.getFirstTranscoderInPool(), alice);
        fine(alice, 101 * LPT);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
        vm.assertEq(bonding.getNextTranscoderInPool(bob), alice);
    }

    function test_takes_at_most_half() public {
        vm.assertEq(fine(alice, NEVER), 500 * LPT);
        vm.assertEq(bondedAmountOf(alice), 500 * LPT);
    }

    function test_takes_nothing_where_there_is_nothing() public {
        vm.expectEmit(address(bonding));
        emit ISlashing.TranscoderFined(stranger, 0);
        vm.assertEq(fine(stranger, LPT), 0);
        vm.assertEq(token.balanceOf(treasury), 0);
    }

    function test_claims_nothing_so_that_no_reward_is_forfeited() public {
        fine(alice, 100 * LPT);
        vm.assertEq(lastClaimRoundOf(alice), FIRST_ROUND);
        rewardAs(alice);
        vm.assertGt(bonding.pendingStake(alice, 0), 900 * LPT, "this round's reward");
        vm.assertLe(
            bonding.pendingStake(alice, 0) + bonding.pendingStake(carol, 0),
            bonding.transcoderTotalStake(alice),
            "nobody has more than there is"
        );
    }

    function test_takes_from_stake_that_is_bonded_to_somebody_else() public {
        fine(carol, 50 * LPT);
        vm.assertEq(bondedAmountOf(carol), 150 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 1150 * LPT);
        vm.assertEq(votes.getVotes(alice), 1150 * LPT);
    }

    function test_is_reserved_to_the_verifier() public {
        bytes memory data = abi.encodeCall(slashing.fineTranscoder, (alice, LPT));
        assertReverts(owner, address(bonding), data, "caller must be Verifier");
        assertNeedsRunningSystem(verifier, address(bonding), data);
    }

    function test_needs_a_running_system_even_if_there_is_nothing_to_take() public {
        assertNeedsRunningSystem(verifier, address(bonding), abi.encodeCall(slashing.fineTranscoder, (stranger, LPT)));
    }
}
