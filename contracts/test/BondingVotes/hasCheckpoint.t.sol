// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_hasCheckpoint_Test is ProtocolTest {
    function test_comes_with_the_first_change_of_stake() public {
        vm.assertFalse(votes.hasCheckpoint(alice));
        bondAs(alice, 1, alice);
        vm.assertTrue(votes.hasCheckpoint(alice));
    }
}
