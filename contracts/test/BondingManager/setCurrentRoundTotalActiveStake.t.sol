// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_setCurrentRoundTotalActiveStake_Test is ProtocolTest {
    function test_makes_the_planned_stake_the_current_one() public {
        joinAs(alice, 10 * LPT);
        vm.assertEq(bonding.currentRoundTotalActiveStake(), 0);
        nextRound();
        vm.assertEq(bonding.currentRoundTotalActiveStake(), 10 * LPT);
        vm.assertEq(votes.getTotalActiveStakeAt(FIRST_ROUND + 1), 10 * LPT);
    }

    function test_makes_the_planned_treasury_cut_the_current_one() public {
        bonding.setTreasuryRewardCutRate(5);
        enterRound(FIRST_ROUND + 1);
        vm.expectEmit(address(bonding));
        emit IManager.ParameterUpdate("treasuryRewardCutRate");
        rounds.initializeRound();
        vm.assertEq(bonding.treasuryRewardCutRate(), 5);
    }

    function test_is_reserved_to_the_rounds_manager() public {
        bytes memory data = abi.encodeCall(bonding.setCurrentRoundTotalActiveStake, ());
        assertReverts(owner, address(bonding), data, "caller must be RoundsManager");
    }
}
