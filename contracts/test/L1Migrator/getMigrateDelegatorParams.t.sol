// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMigrator} from "../../src/bridge/IMigrator.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L1Migrator_getMigrateDelegatorParams_Test is MigrationTest {
    function test_counts_stake_with_rewards_and_what_is_delegated() public {
        rewardAs(alice);
        uint256 stake = bonding.pendingStake(alice, 0);
        (bytes memory data, IMigrator.MigrateDelegatorParams memory params) =
            migrator1.getMigrateDelegatorParams(alice, erin);
        vm.assertGt(stake, 1000 * LPT, "rewards");
        vm.assertEq(params.l1Addr, alice);
        vm.assertEq(params.l2Addr, erin);
        vm.assertEq(params.stake, stake);
        vm.assertEq(params.delegatedStake, bonding.transcoderTotalStake(alice));
        vm.assertEq(params.fees, bonding.pendingFees(alice, 0));
        vm.assertEq(params.delegate, alice);
        vm.assertEq(data, abi.encodeWithSelector(0x1a0725d8, params), "call data");
    }

    function test_of_a_delegator_names_its_delegate() public view {
        (, IMigrator.MigrateDelegatorParams memory params) = migrator1.getMigrateDelegatorParams(carol, carol);
        vm.assertEq(params.stake, 200 * LPT);
        vm.assertEq(params.delegatedStake, 0);
        vm.assertEq(params.delegate, alice);
    }
}
