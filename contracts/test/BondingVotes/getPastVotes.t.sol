// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_getPastVotes_Test is ProtocolTest {
    function test_are_those_at_the_end_of_the_round() public {
        startWithTranscoders();
        bondAs(dave, 100 * LPT, alice);
        nextRound();
        vm.assertEq(votes.getPastVotes(alice, FIRST_ROUND - 1), 0);
        vm.assertEq(votes.getPastVotes(alice, FIRST_ROUND), 1200 * LPT);
        vm.assertEq(votes.getPastVotes(alice, FIRST_ROUND + 1), 1300 * LPT);
    }

    function test_do_not_change_any_more() public {
        startWithTranscoders();
        nextRound();
        unbondAs(alice, 1000 * LPT);
        nextRound();
        vm.assertEq(votes.getPastVotes(alice, FIRST_ROUND + 1), 1200 * LPT);
        vm.assertEq(votes.getPastVotes(carol, FIRST_ROUND + 1), 200 * LPT);
        vm.assertEq(votes.getPastVotes(carol, FIRST_ROUND + 2), 0);
    }

    function test_of_the_current_round_are_not_past() public {
        assertRevertsWith(
            owner,
            address(votes),
            abi.encodeCall(votes.getPastVotes, (alice, FIRST_ROUND)),
            abi.encodeWithSelector(IBondingVotes.FutureLookup.selector, FIRST_ROUND, FIRST_ROUND - 1)
        );
    }
}
