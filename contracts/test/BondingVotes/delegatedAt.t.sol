// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_delegatedAt_Test is ProtocolTest {
    function test_is_the_delegate_at_the_end_of_the_round() public {
        startWithTranscoders();
        bondAs(carol, 0, bob);
        nextRound();
        vm.assertEq(votes.delegatedAt(carol, FIRST_ROUND), alice);
        vm.assertEq(votes.delegatedAt(carol, FIRST_ROUND + 1), bob);
        vm.assertEq(votes.delegatedAt(carol, FIRST_ROUND - 1), address(0));
    }

    function test_of_the_current_round_is_not_past() public {
        assertRevertsWith(
            owner,
            address(votes),
            abi.encodeCall(votes.delegatedAt, (alice, FIRST_ROUND)),
            abi.encodeWithSelector(IBondingVotes.FutureLookup.selector, FIRST_ROUND, FIRST_ROUND - 1)
        );
    }
}
