// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_bumpGovernorVotesTokenAddress_Test is GovernanceTest {
    function test_anybody_makes_the_governor_follow_the_controller() public {
        register("BondingVotes", stranger);
        vm.assertEq(address(governor.votes()), stranger);
        vm.assertEq(address(governor.token()), address(votes));
        vm.prank(stranger);
        governor.bumpGovernorVotesTokenAddress();
        vm.assertEq(address(governor.token()), stranger);
    }

    function test_changes_nothing_while_the_address_is_the_same() public {
        governor.bumpGovernorVotesTokenAddress();
        vm.assertEq(address(governor.token()), address(votes));
    }
}
