// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getTotalBonded_Test is ProtocolTest {
    function test_is_the_stake_that_is_active_in_this_round() public {
        joinAs(alice, 1 * LPT);
        vm.assertEq(bonding.getTotalBonded(), 0);
        nextRound();
        vm.assertEq(bonding.getTotalBonded(), 1 * LPT);
        vm.assertEq(bonding.getTotalBonded(), bonding.currentRoundTotalActiveStake());
    }
}
