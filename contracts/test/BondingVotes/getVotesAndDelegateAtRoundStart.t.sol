// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_getVotesAndDelegateAtRoundStart_Test is ProtocolTest {
    function test_gives_both() public {
        startWithTranscoders();
        (uint256 amount, address delegate) = votes.getVotesAndDelegateAtRoundStart(carol, FIRST_ROUND + 1);
        vm.assertEq(amount, 200 * LPT);
        vm.assertEq(delegate, alice);
    }

    function test_knows_no_round_after_the_next() public {
        assertRevertsWith(
            owner,
            address(votes),
            abi.encodeCall(votes.getVotesAndDelegateAtRoundStart, (alice, FIRST_ROUND + 2)),
            abi.encodeWithSelector(IBondingVotes.FutureLookup.selector, FIRST_ROUND + 2, FIRST_ROUND + 1)
        );
    }
}
