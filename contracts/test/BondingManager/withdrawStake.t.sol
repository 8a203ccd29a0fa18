// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_withdrawStake_Test is ProtocolTest {
    function test_pays_a_lock_whose_round_has_come() public {
        startWithTranscoders();
        unbondAs(carol, 50 * LPT);
        startRound(FIRST_ROUND + 1 + UNBONDING_PERIOD);
        vm.expectEmit(address(bonding));
        emit IBondingManager.WithdrawStake(carol, 0, 50 * LPT, FIRST_ROUND + 1 + UNBONDING_PERIOD);
        vm.prank(carol);
        bonding.withdrawStake(0);
        vm.assertEq(token.balanceOf(carol), 9_850 * LPT);
        vm.assertEq(token.balanceOf(address(minter)), 1650 * LPT);
    }

    function test_pays_a_lock_once() public {
        startWithTranscoders();
        unbondAs(carol, 50 * LPT);
        startRound(FIRST_ROUND + 1 + UNBONDING_PERIOD);
        vm.prank(carol);
        bonding.withdrawStake(0);
        bytes memory data = abi.encodeCall(bonding.withdrawStake, (0));
        assertReverts(carol, address(bonding), data, "invalid unbonding lock ID");
    }

    function test_waits_for_the_round_of_the_lock() public {
        startWithTranscoders();
        unbondAs(carol, 50 * LPT);
        startRound(FIRST_ROUND + UNBONDING_PERIOD);
        assertReverts(
            carol,
            address(bonding),
            abi.encodeCall(bonding.withdrawStake, (0)),
            "withdraw round must be before or equal to the current round"
        );
    }

    function test_does_not_claim_earnings() public {
        startWithTranscoders();
        unbondAs(carol, 50 * LPT);
        startRound(FIRST_ROUND + 1 + UNBONDING_PERIOD);
        vm.prank(carol);
        bonding.withdrawStake(0);
        vm.assertEq(lastClaimRoundOf(carol), FIRST_ROUND + 1);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.withdrawStake, (0));
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }
}
