// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

/// @title Earnings by cumulative factors (LIP-36), for whose faults the protocol was paused three times in 2021
contract Incidents_accounting_2021_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
        fundSender(100 ether, 0);
    }

    /// @dev bob earns rewards and fees for some rounds, and then neither in the round that is current afterwards.
    function giveBobAHistory() private {
        for (uint256 i = 1; i <= 4; i++) {
            rewardAs(bob);
            redeem(newTicket(bob, 2 ether, i));
            nextRound();
        }
    }

    // 2021-01-12, forum 1197: rounds without a reward or without fees must neither add nor lose earnings.
    function test_2021_01_claims_over_rounds_without_earnings_pay_what_one_claim_pays() public {
        uint256 state = vm.snapshotState();
        uint256[2] memory stakes;
        uint256[2] memory fees;
        for (uint256 claims = 0; claims < 2; claims++) {
            redeem(newTicket(alice, 6 ether, 1));
            rewardAs(alice);
            for (uint256 i = 0; i < 3; i++) {
                nextRound();
                if (claims == 1 && i < 2) claimAs(carol);
            }
            rewardAs(alice);
            redeem(newTicket(alice, 6 ether, 2));
            nextRound();
            claimAs(carol);
            (stakes[claims], fees[claims]) = (bondedAmountOf(carol), feesOf(carol));
            if (claims == 0) vm.revertToState(state);
        }
        vm.assertGt(stakes[0], 200 * LPT, "carol has rewards");
        vm.assertGt(fees[0], 0, "carol has fees");
        vm.assertLe(stakes[1], stakes[0], "claims invent no stake");
        vm.assertLe(stakes[0] - stakes[1], 2, "claims lose no stake");
        // The factor before a late reward is worked out from the issuance, which is reckoned with nine digits.
        vm.assertLe(fees[1], fees[0] + 1e12, "claims invent no fees");
        vm.assertLe(fees[0], fees[1] + 1e12, "claims lose no fees");
    }

    // 2021-03-28, forum 1287: stake newly bonded to an orchestrator with a history must not earn that history.
    function test_2021_03_28_new_stake_earns_nothing_of_its_delegates_past() public {
        giveBobAHistory();
        bondAs(dave, 100 * LPT, bob);
        nextRound();
        vm.assertEq(bonding.pendingStake(dave, 0), 100 * LPT);
        vm.assertEq(bonding.pendingFees(dave, 0), 0);
    }

    // 2021-03-31, forum 1299: the first fix left cases open; stake that is moved from another orchestrator, or
    // transferred to an account that was never seen, must not earn that history either.
    function test_2021_03_31_moved_and_transferred_stake_earns_nothing_of_its_delegates_past() public {
        giveBobAHistory();
        bondAs(carol, 0, bob);
        uint256 moved = bondedAmountOf(carol);
        uint256 fees = feesOf(carol);
        nextRound();
        vm.assertEq(bonding.pendingStake(carol, 0), moved);
        vm.assertEq(bonding.pendingFees(carol, 0), fees);

        vm.prank(carol);
        bonding.transferBond(dave, 50 * LPT, address(0), address(0), address(0), address(0));
        nextRound();
        vm.assertEq(bonding.pendingStake(dave, 0), 50 * LPT);
        vm.assertEq(bonding.pendingFees(dave, 0), 0);
    }
}
