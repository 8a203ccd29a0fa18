// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getDelegator_Test is ProtocolTest {
    function test_gives_the_record() public {
        startWithTranscoders();
        unbondAs(carol, 50 * LPT);
        (
            uint256 bondedAmount,
            uint256 fees,
            address delegateAddress,
            uint256 delegatedAmount,
            uint256 startRound,
            uint256 lastClaimRound,
            uint256 nextUnbondingLockId
        ) = bonding.getDelegator(carol);
        vm.assertEq(bondedAmount, 150 * LPT);
        vm.assertEq(fees, 0);
        vm.assertEq(delegateAddress, alice);
        vm.assertEq(delegatedAmount, 0);
        vm.assertEq(startRound, FIRST_ROUND + 1);
        vm.assertEq(lastClaimRound, FIRST_ROUND + 1);
        vm.assertEq(nextUnbondingLockId, 1);
    }
}
