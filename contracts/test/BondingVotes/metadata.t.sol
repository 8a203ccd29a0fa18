// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_metadata_Test is ProtocolTest {
    function test_looks_like_a_token() public view {
        vm.assertEq(votes.name(), "Livepeer Voting Power");
        vm.assertEq(votes.symbol(), "vLPT");
        vm.assertEq(uint256(votes.decimals()), 18);
    }
}
