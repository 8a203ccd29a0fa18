// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVerifier} from "../../src/verification/IVerifier.sol";
import {DisputeTest} from "../utils/DisputeTest.sol";

contract Verifier_setParameters_Test is DisputeTest {
    function assertRefused(IVerifier.Parameters memory changed, string memory name) private {
        bytes memory data = abi.encodeCall(disputes.setParameters, (changed));
        assertRevertsWith(
            owner, address(disputes), data, abi.encodeWithSelector(IVerifier.InvalidParameter.selector, name)
        );
    }

    function test_applies_to_later_disputes_and_leaves_open_ones_as_they_began() public {
        uint256 first = openDispute();
        IVerifier.Parameters memory changed = parameters();
        changed.challengeBond = 20 * LPT;
        vm.expectEmit(address(disputes));
        emit IVerifier.ParametersSet(2, changed);
        disputes.setParameters(changed);

        vm.assertEq(disputes.currentParameters().challengeBond, 20 * LPT);
        vm.assertEq(disputes.parametersOf(disputes.getDispute(first).parametersVersion).challengeBond, 12 * LPT);
        mineTo(disputes.getDispute(first).answerDeadline + 7);
        disputes.giveUp(first);
        vm.assertEq(token.balanceOf(treasury), (12 + 5) * LPT, "the bond of then, and the fine");
    }

    function test_refuses_a_bond_that_cannot_pay_everybody() public {
        IVerifier.Parameters memory changed = parameters();
        changed.challengeBond = changed.compensation + changed.jurorFee * changed.seats;
        disputes.setParameters(changed);
        changed.challengeBond--;
        assertRefused(changed, "challengeBond");
    }

    function test_refuses_parts_of_the_stake_above_all_of_it_and_a_slash_of_nothing() public {
        IVerifier.Parameters memory changed = parameters();
        (changed.slashAmount, changed.finderFee) = (1_000_000, 1_000_000);
        disputes.setParameters(changed);
        changed.slashAmount = 1_000_001;
        assertRefused(changed, "slashAmount");
        changed.slashAmount = 0;
        assertRefused(changed, "slashAmount");
        (changed.slashAmount, changed.finderFee) = (1, 1_000_001);
        assertRefused(changed, "finderFee");
    }

    function test_refuses_a_threshold_that_two_sides_could_pass_or_none() public {
        IVerifier.Parameters memory changed = parameters();
        changed.verdictThreshold = 500_000;
        disputes.setParameters(changed);
        changed.verdictThreshold = 499_999;
        assertRefused(changed, "verdictThreshold");
        changed.verdictThreshold = 1_000_000;
        assertRefused(changed, "verdictThreshold");
    }

    function test_refuses_a_window_in_which_stake_could_leave() public {
        IVerifier.Parameters memory changed = parameters();
        changed.disputeWindow = uint32(UNBONDING_PERIOD) - 1;
        disputes.setParameters(changed);
        changed.disputeWindow = uint32(UNBONDING_PERIOD);
        assertRefused(changed, "disputeWindow");
    }

    function test_refuses_steps_without_time_and_a_draw_after_its_block_is_forgotten() public {
        IVerifier.Parameters memory changed = parameters();
        changed.drawBlocks = 250;
        disputes.setParameters(changed);
        changed.drawBlocks = 251;
        assertRefused(changed, "drawBlocks");
        changed.drawBlocks = 0;
        assertRefused(changed, "drawBlocks");
        changed = parameters();
        changed.answerBlocks = 0;
        assertRefused(changed, "answerBlocks");
        changed = parameters();
        changed.commitBlocks = 0;
        assertRefused(changed, "commitBlocks");
        changed = parameters();
        changed.revealBlocks = 0;
        assertRefused(changed, "revealBlocks");
    }

    function test_refuses_a_committee_of_nobody_and_jurors_without_pay() public {
        IVerifier.Parameters memory changed = parameters();
        changed.seats = 0;
        assertRefused(changed, "seats");
        changed = parameters();
        changed.minimumJurors = 0;
        assertRefused(changed, "minimumJurors");
        changed = parameters();
        changed.jurorFee = 0;
        assertRefused(changed, "jurorFee");
    }

    function test_is_reserved_to_the_controller_owner() public {
        assertNeedsOwner(address(disputes), abi.encodeCall(disputes.setParameters, (parameters())));
    }
}
