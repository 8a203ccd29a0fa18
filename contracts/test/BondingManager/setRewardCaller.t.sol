// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_setRewardCaller_Test is ProtocolTest {
    function test_names_and_unnames_the_reward_caller() public {
        vm.expectEmit(address(bonding));
        emit IBondingManager.RewardCallerSet(alice, dave);
        vm.prank(alice);
        bonding.setRewardCaller(dave);
        vm.assertEq(bonding.transcoderToRewardCaller(alice), dave);
        vm.prank(alice);
        bonding.setRewardCaller(address(0));
        vm.assertEq(bonding.transcoderToRewardCaller(alice), address(0));
    }

    function test_needs_no_initialized_round_but_a_running_system() public {
        enterRound(FIRST_ROUND + 1);
        vm.prank(alice);
        bonding.setRewardCaller(dave);
        assertNeedsRunningSystem(alice, address(bonding), abi.encodeCall(bonding.setRewardCaller, (dave)));
    }
}
