// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_clock_Test is ProtocolTest {
    function test_counts_rounds() public {
        vm.assertEq(uint256(votes.clock()), FIRST_ROUND);
        enterRound(FIRST_ROUND + 9);
        vm.assertEq(uint256(votes.clock()), FIRST_ROUND + 9);
        vm.assertEq(votes.CLOCK_MODE(), "mode=livepeer_round");
    }
}
