// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_nextRoundTotalActiveStake_Test is ProtocolTest {
    function test_follows_every_change_of_active_stake() public {
        startWithTranscoders();
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 1700 * LPT);
        bondAs(dave, 10 * LPT, alice);
        bondAs(erin, 10 * LPT, stranger);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 1710 * LPT);
        unbondAs(bob, 500 * LPT);
        vm.assertEq(bonding.nextRoundTotalActiveStake(), 1210 * LPT);
    }
}
