// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/IGovernorUpgradeable.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_execute_Test is GovernanceTest {
    function test_the_treasury_makes_the_calls() public {
        Proposal memory p = payment(erin, 40 * LPT);
        uint256 before = token.balanceOf(erin);
        uint256 id = pass(p);
        queue(p);
        vm.expectEmit(address(governor));
        emit IGovernorUpgradeable.ProposalExecuted(id);
        vm.prank(stranger);
        vm.assertEq(governor.execute(p.targets, p.values, p.calldatas, hashOf(p)), id);
        vm.assertEq(stateOf(id), EXECUTED);
        vm.assertEq(token.balanceOf(erin), before + 40 * LPT);
        vm.assertEq(token.balanceOf(address(timelock)), TREASURY_FUNDS - 40 * LPT);
        vm.assertEq(governor.proposalEta(id), 0);
    }

    function test_passes_ether_on_from_the_caller_and_from_the_treasury() public {
        Proposal memory p = single(account("payee"), "");
        p.values[0] = 3 ether;
        pass(p);
        queue(p);
        vm.deal(address(timelock), 1 ether);
        vm.deal(stranger, 2 ether);
        vm.prank(stranger);
        governor.execute{value: 2 ether}(p.targets, p.values, p.calldatas, hashOf(p));
        vm.assertEq(account("payee").balance, 3 ether);
        vm.assertEq(address(timelock).balance, 0);
    }

    function test_makes_several_calls_or_none() public {
        Proposal memory p;
        p.targets = new address[](2);
        p.values = new uint256[](2);
        p.calldatas = new bytes[](2);
        p.targets[0] = p.targets[1] = address(token);
        p.calldatas[0] = abi.encodeCall(token.transfer, (erin, LPT));
        p.calldatas[1] = abi.encodeCall(token.transfer, (erin, TREASURY_FUNDS));
        uint256 id = pass(p);
        queue(p);
        uint256 before = token.balanceOf(erin);
        string memory reason = "TimelockController: underlying transaction reverted";
        assertReverts(stranger, address(governor), executeData(p), reason);
        vm.assertEq(stateOf(id), QUEUED);
        vm.assertEq(token.balanceOf(erin), before);
        // What failed can be tried again.
        vm.prank(dave);
        token.transfer(address(timelock), LPT);
        execute(p);
        vm.assertEq(token.balanceOf(erin), before + LPT + TREASURY_FUNDS);
    }

    function test_needs_queueing_even_where_the_treasury_does_not_wait() public {
        Proposal memory p = payment(erin, LPT);
        pass(p);
        vm.assertEq(timelock.getMinDelay(), 0);
        string memory reason = "TimelockController: operation is not ready";
        assertReverts(stranger, address(governor), executeData(p), reason);
        queue(p);
        execute(p);
    }

    function test_waits_for_the_delay_of_the_treasury_to_the_second() public {
        carryOut(single(address(timelock), abi.encodeCall(timelock.updateDelay, (1 hours))));
        vm.assertEq(timelock.getMinDelay(), 1 hours);
        Proposal memory p = payment(erin, LPT);
        pass(p);
        vm.warp(1_700_000_000);
        queue(p);
        string memory reason = "TimelockController: operation is not ready";
        vm.warp(1_700_000_000 + 1 hours - 1);
        assertReverts(stranger, address(governor), executeData(p), reason);
        vm.warp(1_700_000_000 + 1 hours);
        execute(p);
    }

    function test_is_refused_the_second_time() public {
        Proposal memory p = payment(erin, LPT);
        carryOut(p);
        assertReverts(stranger, address(governor), executeData(p), "Governor: proposal not successful");
    }

    function test_refuses_what_was_not_decided() public {
        Proposal memory p = payment(erin, LPT);
        assertReverts(stranger, address(governor), executeData(p), "Governor: unknown proposal id");
        proposeAs(alice, p);
        assertReverts(stranger, address(governor), executeData(p), "Governor: proposal not successful");
        skipRounds(2 + VOTING_PERIOD);
        assertReverts(stranger, address(governor), executeData(p), "Governor: proposal not successful");
    }
}
