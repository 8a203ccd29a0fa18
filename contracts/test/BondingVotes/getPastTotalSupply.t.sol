// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_getPastTotalSupply_Test is ProtocolTest {
    function test_is_the_active_stake_after_the_round() public {
        startWithTranscoders();
        vm.assertEq(votes.getPastTotalSupply(FIRST_ROUND), 1700 * LPT);
        vm.assertEq(votes.getPastTotalSupply(FIRST_ROUND - 1), 0);
    }

    function test_of_the_current_round_is_not_past() public {
        assertRevertsWith(
            owner,
            address(votes),
            abi.encodeCall(votes.getPastTotalSupply, (FIRST_ROUND)),
            abi.encodeWithSelector(IBondingVotes.FutureLookup.selector, FIRST_ROUND, FIRST_ROUND - 1)
        );
    }
}
