// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_updateQuorumNumerator_Test is GovernanceTest {
    event QuorumNumeratorUpdated(uint256 oldQuorumNumerator, uint256 newQuorumNumerator);

    function test_a_proposal_changes_it_from_now_on() public {
        uint256 before = rounds.currentRound();
        Proposal memory p = single(address(governor), abi.encodeCall(governor.updateQuorumNumerator, (1_000_000)));
        pass(p);
        queue(p);
        vm.expectEmit(address(governor));
        emit QuorumNumeratorUpdated(QUORUM, 1_000_000);
        execute(p);
        uint256 changed = rounds.currentRound();
        vm.assertEq(governor.quorumNumerator(), 1_000_000);
        vm.assertEq(governor.quorumNumerator(before), QUORUM);
        vm.assertEq(governor.quorumNumerator(changed - 1), QUORUM);
        nextRound();
        vm.assertEq(governor.quorum(changed - 1), (1700 * LPT * QUORUM) / 1_000_000);
        vm.assertEq(governor.quorum(changed), 1700 * LPT);
    }

    function test_cannot_be_more_than_everything() public {
        Proposal memory p = single(address(governor), abi.encodeCall(governor.updateQuorumNumerator, (1_000_001)));
        pass(p);
        queue(p);
        string memory reason = "TimelockController: underlying transaction reverted";
        assertReverts(owner, address(governor), executeData(p), reason);
    }

    function test_nobody_else_can() public {
        assertNeedsProposal(abi.encodeCall(governor.updateQuorumNumerator, (1)));
    }
}
