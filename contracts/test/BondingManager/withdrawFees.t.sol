// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_withdrawFees_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
        fundSender(10 ether, 1 ether);
        redeem(newTicket(alice, 2 ether, 1));
    }

    function test_pays_claimed_fees_to_whom_the_caller_names() public {
        uint256 pending = bonding.pendingFees(alice, 0);
        vm.assertGt(pending, 1 ether, "alice keeps her half and her part of the other");
        vm.expectEmit(address(bonding));
        emit IBondingManager.WithdrawFees(alice, dave, 1 ether);
        vm.prank(alice);
        bonding.withdrawFees(payable(dave), 1 ether);
        vm.assertEq(dave.balance, 1_001 ether);
        vm.assertEq(feesOf(alice), pending - 1 ether);
        vm.assertEq(address(minter).balance, 10 ether);
    }

    function test_delegators_get_their_part() public {
        uint256 pending = bonding.pendingFees(carol, 0);
        vm.assertGt(pending, 0, "carol has earned");
        vm.prank(carol);
        bonding.withdrawFees(payable(carol), pending);
        vm.assertEq(carol.balance, 1_000 ether + pending);
    }

    function test_refuses_more_than_there_is() public {
        uint256 pending = bonding.pendingFees(alice, 0);
        assertReverts(
            alice,
            address(bonding),
            abi.encodeCall(bonding.withdrawFees, (payable(alice), pending + 1)),
            "insufficient fees to withdraw"
        );
    }

    function test_refuses_to_pay_nobody() public {
        bytes memory data = abi.encodeCall(bonding.withdrawFees, (payable(address(0)), 0));
        assertReverts(alice, address(bonding), data, "invalid recipient");
    }

    // Code4rena 2023, P#623: claiming here without a checkpoint left the votes apart from the stake, as a reward that
    // was forfeited by the claim went on to count as votes.
    function test_writes_the_stake_it_claims_into_the_voting_history() public {
        nextRound();
        vm.prank(carol);
        bonding.withdrawFees(payable(carol), 0);
        rewardAs(alice);
        vm.assertEq(bonding.pendingStake(carol, 0), 200 * LPT);
        vm.assertEq(votes.getVotes(carol), 200 * LPT);
    }

    function test_needs_a_running_system_and_an_initialized_round() public {
        bytes memory data = abi.encodeCall(bonding.withdrawFees, (payable(alice), 0));
        assertNeedsRunningSystem(alice, address(bonding), data);
        assertNeedsInitializedRound(alice, address(bonding), data);
    }
}
