// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_parameters_Test is ProtocolTest {
    function test_parameters_are_what_the_owner_has_set() public view {
        vm.assertEq(uint256(bonding.unbondingPeriod()), UNBONDING_PERIOD);
        vm.assertEq(bonding.treasuryRewardCutRate(), 0);
        vm.assertEq(bonding.nextRoundTreasuryRewardCutRate(), 0);
        vm.assertEq(bonding.treasuryBalanceCeiling(), 0);
        vm.assertEq(bonding.transcoderToRewardCaller(alice), address(0));
    }
}
