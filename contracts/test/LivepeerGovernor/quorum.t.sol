// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_quorum_Test is GovernanceTest {
    function test_is_a_part_of_the_active_stake() public {
        nextRound();
        vm.assertEq(governor.quorumDenominator(), 1_000_000);
        vm.assertEq(governor.quorum(1001), (1700 * LPT * 333_300) / 1_000_000);
        vm.assertEq(governor.quorum(1000), governor.quorum(1001));
    }

    function test_is_unknown_until_its_round_is_over() public {
        assertRevertsWith(
            owner,
            address(governor),
            abi.encodeCall(governor.quorum, (1001)),
            abi.encodeWithSignature("FutureLookup(uint256,uint256)", 1001, 1000)
        );
    }

    function test_the_numerator_before_the_first_change_is_nothing() public view {
        vm.assertEq(governor.quorumNumerator(FIRST_ROUND), QUORUM);
        vm.assertEq(governor.quorumNumerator(FIRST_ROUND - 1), 0);
    }
}
