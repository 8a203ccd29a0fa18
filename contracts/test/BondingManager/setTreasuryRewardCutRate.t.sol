// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_setTreasuryRewardCutRate_Test is ProtocolTest {
    function test_sets_the_value_and_announces_it() public {
        vm.expectEmit(address(bonding));
        emit IManager.ParameterUpdate("nextRoundTreasuryRewardCutRate");
        bonding.setTreasuryRewardCutRate(1e26);
        vm.assertEq(uint256(bonding.nextRoundTreasuryRewardCutRate()), 1e26);
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(bonding), abi.encodeCall(bonding.setTreasuryRewardCutRate, (1e26)));
    }

    function test_takes_effect_in_the_next_round() public {
        bonding.setTreasuryRewardCutRate(ONE);
        vm.assertEq(bonding.treasuryRewardCutRate(), 0);
        nextRound();
        vm.assertEq(bonding.treasuryRewardCutRate(), ONE);
    }

    function test_refuses_more_than_everything() public {
        assertReverts(
            owner,
            address(bonding),
            abi.encodeCall(bonding.setTreasuryRewardCutRate, (ONE + 1)),
            "_cutRate is invalid precise percentage"
        );
    }
}
