// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingVotes} from "../../src/bonding/IBondingVotes.sol";
import {SortedArrays} from "../../src/math/SortedArrays.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_checkpointTotalActiveStake_Test is ProtocolTest {
    function test_records_the_stake_of_the_round() public {
        vm.prank(address(bonding));
        votes.checkpointTotalActiveStake(77, FIRST_ROUND);
        vm.assertEq(votes.getTotalActiveStakeAt(FIRST_ROUND), 77);
    }

    function test_refuses_rounds_that_have_not_begun() public {
        assertRevertsWith(
            address(bonding),
            address(votes),
            abi.encodeCall(votes.checkpointTotalActiveStake, (1, FIRST_ROUND + 1)),
            abi.encodeWithSelector(
                IBondingVotes.InvalidTotalStakeCheckpointRound.selector, FIRST_ROUND + 1, FIRST_ROUND
            )
        );
    }

    function test_refuses_to_go_back() public {
        assertRevertsWith(
            address(bonding),
            address(votes),
            abi.encodeCall(votes.checkpointTotalActiveStake, (1, FIRST_ROUND - 1)),
            abi.encodeWithSelector(SortedArrays.DecreasingValues.selector, FIRST_ROUND - 1, FIRST_ROUND)
        );
    }

    function test_is_reserved_to_the_bonding_manager() public {
        assertRevertsWith(
            owner,
            address(votes),
            abi.encodeCall(votes.checkpointTotalActiveStake, (1, FIRST_ROUND)),
            abi.encodeWithSelector(IBondingVotes.InvalidCaller.selector, owner, address(bonding))
        );
    }
}
