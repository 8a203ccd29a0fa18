// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_pendingFees_Test is ProtocolTest {
    function test_includes_fees_that_were_not_claimed() public {
        startWithTranscoders();
        fundSender(10 ether, 0);
        redeem(newTicket(alice, 6 ether, 1));
        uint256 pending = bonding.pendingFees(carol, 0);
        vm.assertLe(0.5 ether - pending, 1, "carol has a sixth of the half that is shared");
        vm.assertEq(feesOf(carol), 0);
        vm.assertEq(bonding.pendingFees(carol, 1), pending);
        claimAs(carol);
        vm.assertEq(feesOf(carol), pending);
    }
}
