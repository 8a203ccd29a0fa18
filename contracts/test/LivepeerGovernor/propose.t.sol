// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/IGovernorUpgradeable.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_propose_Test is GovernanceTest {
    function test_announces_the_calls_and_when_one_can_vote() public {
        Proposal memory p = payment(erin, LPT);
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.ProposalCreated(
            idOf(p), alice, p.targets, p.values, new string[](1), p.calldatas, 1002, 1012, "a payment"
        );
        uint256 id = proposeAs(alice, p);
        vm.assertEq(id, idOf(p));
        vm.assertEq(governor.proposalProposer(id), alice);
        vm.assertEq(governor.proposalSnapshot(id), 1002);
        vm.assertEq(governor.proposalDeadline(id), 1012);
        vm.assertEq(governor.proposalEta(id), 0);
        vm.assertEq(stateOf(id), PENDING);
    }

    function test_needs_votes_at_the_end_of_the_previous_round_to_the_unit() public {
        bondAs(erin, 100 * LPT - 1, alice);
        bytes memory data = proposeData(payment(erin, LPT));
        string memory reason = "Governor: proposer votes below proposal threshold";
        nextRound();
        nextRound();
        assertReverts(erin, address(governor), data, reason);
        bondAs(erin, 1, alice);
        assertReverts(erin, address(governor), data, reason);
        // The stake counts from the next round on, and of rounds only past ones can be asked for.
        nextRound();
        vm.prank(erin);
        (bool ok,) = address(governor).call(data);
        vm.assertTrue(ok);
    }

    function test_refuses_whoever_has_no_stake() public {
        bytes memory data = proposeData(payment(erin, LPT));
        assertReverts(stranger, address(governor), data, "Governor: proposer votes below proposal threshold");
    }

    function test_needs_as_many_values_and_calls_as_targets() public {
        Proposal memory p = payment(erin, LPT);
        p.values = new uint256[](2);
        assertReverts(alice, address(governor), proposeData(p), "Governor: invalid proposal length");
        p.values = new uint256[](1);
        p.calldatas = new bytes[](0);
        assertReverts(alice, address(governor), proposeData(p), "Governor: invalid proposal length");
    }

    function test_needs_something_to_do() public {
        Proposal memory p;
        assertReverts(alice, address(governor), proposeData(p), "Governor: empty proposal");
    }

    function test_the_same_proposal_can_be_made_once() public {
        Proposal memory p = payment(erin, LPT);
        proposeAs(alice, p);
        assertReverts(bob, address(governor), proposeData(p), "Governor: proposal already exists");
        p.description = "the same with another description";
        proposeAs(bob, p);
    }

    function test_a_description_can_name_the_only_account_that_may_propose_it() public {
        Proposal memory p = payment(erin, LPT);
        p.description = string.concat("pay erin #proposer=", addressText(bob));
        assertReverts(alice, address(governor), proposeData(p), "Governor: proposer restricted");
        vm.assertEq(proposeAs(bob, p), idOf(p));
    }

    function addressText(address who) private pure returns (string memory) {
        bytes memory digits = "0123456789abcdef";
        bytes memory text = new bytes(40);
        for (uint256 i = 0; i < 40; i++) {
            text[i] = digits[(uint160(who) >> (4 * (39 - i))) & 15];
        }
        return string.concat("0x", string(text));
    }

    function test_works_while_the_system_is_paused() public {
        controller.pause();
        proposeAs(alice, payment(erin, LPT));
    }
}
