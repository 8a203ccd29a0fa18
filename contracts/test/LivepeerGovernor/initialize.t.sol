// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LivepeerGovernor} from "../../src/governance/LivepeerGovernor.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_initialize_Test is GovernanceTest {
    event Initialized(uint8 version);
    event QuorumNumeratorUpdated(uint256 oldQuorumNumerator, uint256 newQuorumNumerator);
    event TimelockChange(address oldTimelock, address newTimelock);
    event VotingDelaySet(uint256 oldVotingDelay, uint256 newVotingDelay);
    event VotingPeriodSet(uint256 oldVotingPeriod, uint256 newVotingPeriod);
    event ProposalThresholdSet(uint256 oldProposalThreshold, uint256 newProposalThreshold);

    function newGovernor() private returns (LivepeerGovernor) {
        return LivepeerGovernor(payable(deployBehindProxy("LivepeerGovernor", "LivepeerGovernor")));
    }

    function test_sets_the_rules() public view {
        vm.assertEq(governor.votingDelay(), 1);
        vm.assertEq(governor.votingPeriod(), 10);
        vm.assertEq(governor.proposalThreshold(), 100 * LPT);
        vm.assertEq(governor.quorumNumerator(), 333_300);
        vm.assertEq(governor.quota(), 500_000);
        vm.assertEq(governor.timelock(), address(timelock));
        vm.assertEq(address(governor.token()), address(votes));
        vm.assertEq(address(governor.votes()), address(votes));
        vm.assertEq(governor.targetContractId(), keccak256("LivepeerGovernorTarget"));
        vm.assertEq(address(governor.controller()), address(controller));
    }

    function test_announces_the_rules_in_order() public {
        LivepeerGovernor fresh = newGovernor();
        vm.expectEmit(address(fresh));
        emit VotingDelaySet(0, 1);
        vm.expectEmit(address(fresh));
        emit VotingPeriodSet(0, 2);
        vm.expectEmit(address(fresh));
        emit ProposalThresholdSet(0, 3);
        vm.expectEmit(address(fresh));
        emit TimelockChange(address(0), address(timelock));
        vm.expectEmit(address(fresh));
        emit QuorumNumeratorUpdated(0, 4);
        vm.expectEmit(address(fresh));
        emit Initialized(1);
        fresh.initialize(1, 2, 3, 4, 5);
        vm.assertEq(fresh.quota(), 5);
    }

    function test_can_be_done_once() public {
        bytes memory data = abi.encodeCall(governor.initialize, (1, 10, 0, 0, 0));
        assertReverts(owner, address(governor), data, "Initializable: contract is already initialized");
    }

    function test_cannot_be_done_to_the_code_behind_the_proxy() public {
        address target = controller.getContract(keccak256("LivepeerGovernorTarget"));
        bytes memory data = abi.encodeCall(governor.initialize, (1, 10, 0, 0, 0));
        assertReverts(owner, target, data, "Initializable: contract is already initialized");
    }

    function test_refuses_a_period_of_no_rounds() public {
        bytes memory data = abi.encodeCall(governor.initialize, (1, 0, 0, 0, 0));
        assertReverts(owner, address(newGovernor()), data, "GovernorSettings: voting period too low");
    }

    function test_refuses_a_quorum_of_more_than_everything() public {
        bytes memory data = abi.encodeCall(governor.initialize, (1, 1, 0, 1_000_001, 0));
        string memory reason = "GovernorVotesQuorumFraction: quorumNumerator over quorumDenominator";
        assertReverts(owner, address(newGovernor()), data, reason);
        newGovernor().initialize(1, 1, 0, 1_000_000, 0);
    }
}
