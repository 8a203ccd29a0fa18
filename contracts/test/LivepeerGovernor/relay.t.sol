// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_relay_Test is GovernanceTest {
    function test_a_proposal_recovers_what_the_governor_holds() public {
        vm.prank(dave);
        token.transfer(address(governor), 7 * LPT);
        uint256 before = token.balanceOf(dave);
        bytes memory back = abi.encodeCall(token.transfer, (dave, 7 * LPT));
        carryOut(single(address(governor), abi.encodeCall(governor.relay, (address(token), 0, back))));
        vm.assertEq(token.balanceOf(dave), before + 7 * LPT);
    }

    function test_fails_with_the_call_that_it_makes() public {
        bytes memory call = abi.encodeCall(token.transfer, (dave, 1));
        Proposal memory p = single(address(governor), abi.encodeCall(governor.relay, (address(token), 0, call)));
        pass(p);
        queue(p);
        string memory reason = "TimelockController: underlying transaction reverted";
        assertReverts(owner, address(governor), executeData(p), reason);
    }

    function test_nobody_else_can() public {
        assertNeedsProposal(abi.encodeCall(governor.relay, (address(token), 0, "")));
    }
}
