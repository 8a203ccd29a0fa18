// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_checkpointBondingState_Test is ProtocolTest {
    function write(uint256 round, uint256 bonded, address delegate, uint256 delegated, uint256 claimRound) private {
        vm.prank(address(bonding));
        votes.checkpointBondingState(alice, round, bonded, delegate, delegated, claimRound, 0);
    }

    function data(uint256 round, uint256 claimRound) private view returns (bytes memory) {
        return abi.encodeCall(votes.checkpointBondingState, (alice, round, 1, alice, 1, claimRound, 0));
    }

    function test_takes_effect_in_the_next_round() public {
        write(FIRST_ROUND + 1, 5, alice, 9, FIRST_ROUND);
        (uint256 now_,) = votes.getVotesAndDelegateAtRoundStart(alice, FIRST_ROUND);
        (uint256 next,) = votes.getVotesAndDelegateAtRoundStart(alice, FIRST_ROUND + 1);
        vm.assertEq(now_, 0);
        vm.assertEq(next, 9);
    }

    function test_announces_what_has_changed() public {
        vm.expectEmit(address(votes));
        emit IBondingVotes.DelegateChanged(alice, address(0), alice);
        vm.expectEmit(address(votes));
        emit IBondingVotes.DelegateVotesChanged(alice, 0, 9);
        vm.expectEmit(address(votes));
        emit IBondingVotes.DelegatorBondedAmountChanged(alice, 0, 0, 5, FIRST_ROUND);
        write(FIRST_ROUND + 1, 5, alice, 9, FIRST_ROUND);
        vm.expectEmit(address(votes));
        emit IBondingVotes.DelegateVotesChanged(alice, 9, 10);
        write(FIRST_ROUND + 1, 5, alice, 10, FIRST_ROUND);
        vm.expectEmit(address(votes));
        emit IBondingVotes.DelegateVotesChanged(alice, 10, 0);
        write(FIRST_ROUND + 1, 5, bob, 10, FIRST_ROUND);
    }

    function test_the_last_of_a_round_counts() public {
        write(FIRST_ROUND + 1, 5, alice, 9, FIRST_ROUND);
        write(FIRST_ROUND + 1, 5, alice, 8, FIRST_ROUND);
        vm.assertEq(votes.getVotes(alice), 8);
    }

    function test_an_account_that_unbonds_in_the_same_round_has_no_votes() public {
        write(FIRST_ROUND + 1, 5, alice, 9, FIRST_ROUND);
        write(FIRST_ROUND + 1, 0, address(0), 4, FIRST_ROUND);
        vm.assertEq(votes.getVotes(alice), 0);
    }

    function test_refuses_any_round_but_the_next() public {
        assertRevertsWith(
            address(bonding),
            address(votes),
            data(FIRST_ROUND, 0),
            abi.encodeWithSelector(IBondingVotes.InvalidStartRound.selector, FIRST_ROUND, FIRST_ROUND + 1)
        );
        assertRevertsWith(
            address(bonding),
            address(votes),
            data(FIRST_ROUND + 2, 0),
            abi.encodeWithSelector(IBondingVotes.InvalidStartRound.selector, FIRST_ROUND + 2, FIRST_ROUND + 1)
        );
    }

    function test_refuses_claims_from_the_future() public {
        assertRevertsWith(
            address(bonding),
            address(votes),
            data(FIRST_ROUND + 1, FIRST_ROUND + 1),
            abi.encodeWithSelector(IBondingVotes.FutureLastClaimRound.selector, FIRST_ROUND + 1, FIRST_ROUND)
        );
    }

    function test_is_reserved_to_the_bonding_manager() public {
        assertRevertsWith(
            owner,
            address(votes),
            data(FIRST_ROUND + 1, 0),
            abi.encodeWithSelector(IBondingVotes.InvalidCaller.selector, owner, address(bonding))
        );
    }
}
