// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_updateTimelock_Test is GovernanceTest {
    event TimelockChange(address oldTimelock, address newTimelock);

    function test_a_proposal_names_another_treasury() public {
        Proposal memory p = single(address(governor), abi.encodeWithSignature("updateTimelock(address)", stranger));
        pass(p);
        queue(p);
        vm.expectEmit(address(governor));
        emit TimelockChange(address(timelock), stranger);
        execute(p);
        vm.assertEq(governor.timelock(), stranger);
    }

    function test_nobody_else_can() public {
        assertNeedsProposal(abi.encodeWithSignature("updateTimelock(address)", stranger));
    }
}
