// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPoll} from "../../src/governance/IPoll.sol";
import {IPollCreator} from "../../src/governance/IPollCreator.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract PollCreator_createPoll_Test is ProtocolTest {
    IPollCreator private creator;

    function setUp() public override {
        super.setUp();
        creator = IPollCreator(vm.deployCode("PollCreator.sol:PollCreator", abi.encode(bonding)));
        startWithTranscoders();
    }

    function test_opens_a_poll_and_says_until_when() public {
        vm.roll(500);
        address poll = address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", creator, hex"01")))));
        vm.expectEmit(address(creator));
        emit IPollCreator.PollCreated(poll, "what", 500 + 57_600, 333_300, 500_000);
        vm.prank(carol);
        creator.createPoll("what");
        vm.assertEq(IPoll(poll).endBlock(), 58_100);
    }

    function test_costs_no_stake() public {
        uint256 balance = token.balanceOf(carol);
        vm.prank(carol);
        creator.createPoll("");
        vm.assertEq(token.balanceOf(carol), balance);
        vm.assertEq(bondedAmountOf(carol), 200 * LPT);
    }

    function test_needs_a_stake_of_100_LPT_to_the_unit() public {
        bytes memory data = abi.encodeCall(creator.createPoll, ("what"));
        string memory reason = "PollCreator#createPoll: INSUFFICIENT_STAKE";
        assertReverts(stranger, address(creator), data, reason);
        bondAs(dave, 100 * LPT - 1, alice);
        assertReverts(dave, address(creator), data, reason);
        bondAs(dave, 1, alice);
        vm.prank(dave);
        creator.createPoll("what");
    }

    function test_stake_that_others_have_bonded_to_the_caller_is_enough() public {
        bondAs(dave, 1, dave);
        bytes memory data = abi.encodeCall(creator.createPoll, ("what"));
        bondAs(erin, 100 * LPT - 2, dave);
        assertReverts(dave, address(creator), data, "PollCreator#createPoll: INSUFFICIENT_STAKE");
        bondAs(erin, 1, dave);
        vm.prank(dave);
        creator.createPoll("what");
    }

    function test_rewards_count_before_they_are_claimed() public {
        bondAs(dave, 100 * LPT - 1, alice);
        nextRound();
        rewardAs(alice);
        vm.assertGe(bonding.pendingStake(dave, 0), 100 * LPT, "the reward");
        vm.prank(dave);
        creator.createPoll("what");
    }

    function test_names_its_rules() public view {
        vm.assertEq(creator.QUORUM(), 333_300);
        vm.assertEq(creator.QUOTA(), 500_000);
        vm.assertEq(creator.POLL_PERIOD(), 57_600);
        vm.assertEq(creator.POLL_CREATION_COST(), 100 * LPT);
        vm.assertEq(address(creator.bondingManager()), address(bonding));
    }
}
