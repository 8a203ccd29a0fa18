// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_getTotalActiveStakeAt_Test is ProtocolTest {
    function test_of_a_skipped_round_is_that_of_the_next_initialized_one() public {
        startWithTranscoders();
        bondAs(dave, 10 * LPT, alice);
        startRound(FIRST_ROUND + 5);
        vm.assertEq(votes.getTotalActiveStakeAt(FIRST_ROUND + 1), 1700 * LPT);
        vm.assertEq(votes.getTotalActiveStakeAt(FIRST_ROUND + 3), 1710 * LPT);
        vm.assertEq(votes.getTotalActiveStakeAt(FIRST_ROUND + 5), 1710 * LPT);
    }

    function test_before_the_round_is_initialized_is_what_was_planned_for_it() public {
        startWithTranscoders();
        bondAs(dave, 10 * LPT, alice);
        enterRound(FIRST_ROUND + 4);
        vm.assertEq(votes.getTotalActiveStakeAt(FIRST_ROUND + 3), 1710 * LPT);
        vm.assertEq(votes.getTotalActiveStakeAt(FIRST_ROUND + 4), 1710 * LPT);
    }

    function test_before_the_first_round_and_in_a_round_without_stake_is_nothing() public {
        startWithTranscoders();
        vm.assertEq(votes.getTotalActiveStakeAt(0), 0);
        vm.assertEq(votes.getTotalActiveStakeAt(FIRST_ROUND), 0);
    }

    function test_knows_no_round_after_the_next() public {
        assertRevertsWith(
            owner,
            address(votes),
            abi.encodeCall(votes.getTotalActiveStakeAt, (FIRST_ROUND + 2)),
            abi.encodeWithSelector(IBondingVotes.FutureLookup.selector, FIRST_ROUND + 2, FIRST_ROUND + 1)
        );
    }
}
