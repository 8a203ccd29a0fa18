// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_getVotes_Test is ProtocolTest {
    function test_of_a_transcoder_are_all_stake_bonded_to_it() public {
        startWithTranscoders();
        vm.assertEq(votes.getVotes(alice), 1200 * LPT);
        vm.assertEq(votes.getVotes(bob), 500 * LPT);
    }

    function test_of_a_delegator_are_its_stake_with_rewards() public {
        startWithTranscoders();
        vm.assertEq(votes.getVotes(carol), 200 * LPT);
        rewardAs(alice);
        vm.assertEq(votes.getVotes(carol), bonding.pendingStake(carol, 0));
        nextRound();
        rewardAs(alice);
        vm.assertEq(votes.getVotes(carol), bonding.pendingStake(carol, 0));
    }

    // Code4rena 2023, findings 96 and 194: stake bonded to an account that is no transcoder counted.
    function test_of_who_delegates_to_no_transcoder_are_none() public {
        startWithTranscoders();
        bondAs(dave, 10 * LPT, stranger);
        vm.assertEq(votes.getVotes(dave), 0);
        unbondAs(alice, 1000 * LPT);
        vm.assertEq(votes.getVotes(carol), 0);
        vm.assertEq(votes.getVotes(alice), 0);
    }

    // 2023-10: votes were reckoned with fees and failed where a fee factor was not set.
    function test_do_not_depend_on_fees() public {
        startWithTranscoders();
        fundSender(10 ether, 0);
        redeem(newTicket(alice, 1 ether, 1));
        nextRound();
        rewardAs(alice);
        nextRound();
        vm.assertEq(votes.getVotes(carol), bonding.pendingStake(carol, 0));
    }

    function test_a_claim_does_not_change_them() public {
        startWithTranscoders();
        rewardAs(alice);
        uint256 before = votes.getVotes(carol);
        claimAs(carol);
        vm.assertEq(votes.getVotes(carol), before);
    }

    function test_of_an_unknown_account_are_none() public view {
        vm.assertEq(votes.getVotes(stranger), 0);
    }

    function test_a_claim_round_without_a_reward_factor_counts_as_one() public {
        startWithTranscoders();
        claimAs(carol);
        vm.assertEq(votes.getVotes(carol), 200 * LPT);
    }

    function test_fail_where_a_reward_left_no_factor() public {
        startWithTranscoders();
        vm.prank(address(bonding));
        votes.checkpointBondingState(alice, FIRST_ROUND + 2, 1, alice, 1, FIRST_ROUND, FIRST_ROUND + 1);
        assertRevertsWith(
            owner,
            address(votes),
            abi.encodeCall(votes.getVotes, (carol)),
            abi.encodeWithSelector(IBondingVotes.MissingEarningsPool.selector, alice, FIRST_ROUND + 1)
        );
    }
}
