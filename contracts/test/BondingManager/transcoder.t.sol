// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_transcoder_Test is ProtocolTest {
    function test_sets_terms_of_a_registered_transcoder() public {
        bondAs(alice, LPT, alice);
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderUpdate(alice, 250_000, 750_000);
        vm.prank(alice);
        bonding.transcoder(250_000, 750_000);
        (, uint256 rewardCut, uint256 feeShare,,,,,,,) = bonding.getTranscoder(alice);
        vm.assertEq(rewardCut, 250_000);
        vm.assertEq(feeShare, 750_000);
    }

    function test_refuses_who_does_not_bond_to_itself() public {
        startWithTranscoders();
        bytes memory data = abi.encodeCall(bonding.transcoder, (1, 1));
        assertReverts(carol, address(bonding), data, "transcoder must be registered");
        assertReverts(stranger, address(bonding), data, "transcoder must be registered");
    }

    function test_refuses_percentages_above_everything() public {
        bondAs(alice, LPT, alice);
        bytes memory cut = abi.encodeCall(bonding.transcoder, (1_000_001, 0));
        bytes memory share = abi.encodeCall(bonding.transcoder, (0, 1_000_001));
        assertReverts(alice, address(bonding), cut, "invalid rewardCut percentage");
        assertReverts(alice, address(bonding), share, "invalid feeShare percentage");
    }

    function test_refuses_an_active_transcoder_before_its_reward() public {
        startWithTranscoders();
        assertReverts(
            alice,
            address(bonding),
            abi.encodeCall(bonding.transcoder, (1, 1)),
            "caller can't be active or must have already called reward for the current round"
        );
        rewardAs(alice);
        vm.prank(alice);
        bonding.transcoder(1, 1);
    }

    function test_refuses_changes_in_the_locked_part_of_the_round() public {
        bondAs(alice, LPT, alice);
        rounds.mineBlocks(44);
        vm.prank(alice);
        bonding.transcoder(1, 1);
        rounds.mineBlocks(1);
        assertReverts(
            alice,
            address(bonding),
            abi.encodeCall(bonding.transcoder, (2, 2)),
            "can't update transcoder params, current round is locked"
        );
    }

    function test_lets_an_evicted_transcoder_back_when_it_has_the_stake() public {
        joinAs(alice, 10 * LPT);
        joinAs(bob, 20 * LPT);
        joinAs(dave, 30 * LPT);
        joinAs(erin, 40 * LPT);
        vm.assertEq(deactivationRoundOf(alice), FIRST_ROUND + 1);
        unbondBobLater();
        vm.prank(alice);
        bonding.transcoder(1, 1);
        vm.assertEq(deactivationRoundOf(alice), NEVER);
        vm.assertEq(activationRoundOf(alice), FIRST_ROUND + 2);
    }

    function unbondBobLater() private {
        nextRound();
        unbondAs(bob, 20 * LPT);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.transcoder, (1, 1));
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }
}
