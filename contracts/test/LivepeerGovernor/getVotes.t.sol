// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_getVotes_Test is GovernanceTest {
    function test_are_those_of_the_end_of_a_past_round() public {
        bondAs(bob, 100 * LPT, bob);
        nextRound();
        vm.assertEq(governor.getVotes(bob, 1000), 500 * LPT);
        vm.assertEq(governor.getVotes(bob, 1001), 600 * LPT);
        vm.assertEq(governor.getVotesWithParams(bob, 1001, hex"01"), 600 * LPT);
        vm.assertEq(governor.getVotes(stranger, 1001), 0);
    }

    function test_are_unknown_for_the_current_round() public {
        bytes memory revertData = abi.encodeWithSignature("FutureLookup(uint256,uint256)", 1001, 1000);
        assertRevertsWith(owner, address(governor), abi.encodeCall(governor.getVotes, (bob, 1001)), revertData);
        bytes memory data = abi.encodeCall(governor.getVotesWithParams, (bob, 1001, ""));
        assertRevertsWith(owner, address(governor), data, revertData);
    }
}
