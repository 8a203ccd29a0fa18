// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_setProposalThreshold_Test is GovernanceTest {
    event ProposalThresholdSet(uint256 oldProposalThreshold, uint256 newProposalThreshold);

    function test_a_proposal_changes_it() public {
        Proposal memory p = single(address(governor), abi.encodeCall(governor.setProposalThreshold, (0)));
        pass(p);
        queue(p);
        vm.expectEmit(address(governor));
        emit ProposalThresholdSet(100 * LPT, 0);
        execute(p);
        proposeAs(stranger, payment(erin, LPT));
    }

    function test_nobody_else_can() public {
        assertNeedsProposal(abi.encodeCall(governor.setProposalThreshold, (0)));
    }
}
