// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

/// @title The answer to every incident so far: a pause, a new contract behind the proxy, and on
contract Incidents_pauses_Test is ProtocolTest {
    function assertPaused(address who, address target, bytes memory data) private {
        assertReverts(who, target, data, "system is paused");
    }

    // 2019-07-29, forum 841: paused for four hours while a fix was put in. Nothing may move meanwhile, and nothing
    // may be lost by it.
    function test_2019_07_a_pause_for_a_fix_stops_all_that_moves_value_and_loses_nothing() public {
        startWithTranscoders();
        fundSender(5 ether, 1 ether);
        bytes memory winner = redeemData(newTicket(alice, 1 ether, 1));
        unbondAs(carol, 50 * LPT);

        controller.pause();
        assertPaused(alice, address(bonding), abi.encodeCall(bonding.reward, ()));
        assertPaused(dave, address(bonding), abi.encodeCall(bonding.bond, (LPT, alice)));
        assertPaused(carol, address(bonding), abi.encodeCall(bonding.unbond, (LPT)));
        assertPaused(carol, address(bonding), abi.encodeCall(bonding.rebond, (0)));
        assertPaused(carol, address(bonding), abi.encodeCall(bonding.withdrawStake, (0)));
        assertPaused(alice, address(bonding), abi.encodeCall(bonding.withdrawFees, (payable(alice), 0)));
        assertPaused(alice, address(broker), winner);
        assertPaused(sender, address(broker), abi.encodeCall(broker.unlock, ()));
        assertPaused(sender, address(broker), abi.encodeCall(broker.withdraw, ()));
        assertPaused(owner, address(rounds), abi.encodeCall(rounds.initializeRound, ()));
        register("BondingManagerTarget", vm.deployCode("BondingManager.sol:BondingManager", abi.encode(controller)));
        controller.unpause();

        vm.assertEq(bonding.transcoderTotalStake(alice), 1150 * LPT);
        vm.assertEq(bonding.pendingStake(carol, 0), 150 * LPT);
        vm.assertEq(bonding.getFirstTranscoderInPool(), alice);
        vm.prank(dave);
        (bool ok,) = address(broker).call(winner);
        vm.assertTrue(ok, "the ticket is still good");
        rewardAs(alice);
        nextRound();
        nextRound();
        vm.prank(carol);
        bonding.withdrawStake(0);
        vm.assertEq(token.balanceOf(carol), 9_850 * LPT);
    }
}
