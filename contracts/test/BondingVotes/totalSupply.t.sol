// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_totalSupply_Test is ProtocolTest {
    function test_is_the_active_stake_of_the_next_round() public {
        startWithTranscoders();
        bondAs(dave, 10 * LPT, alice);
        bondAs(erin, 10 * LPT, stranger);
        vm.assertEq(votes.totalSupply(), 1710 * LPT);
        vm.assertEq(votes.totalSupply(), bonding.nextRoundTotalActiveStake());
    }
}
