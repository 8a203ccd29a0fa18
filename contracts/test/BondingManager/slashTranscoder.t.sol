// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_slashTranscoder_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
        register("Verifier", verifier);
        token.grantRole(BURNER_ROLE, address(minter));
    }

    function slash(address transcoder, address finder, uint256 part, uint256 fee) private {
        vm.prank(verifier);
        bonding.slashTranscoder(transcoder, finder, part, fee);
    }

    function test_takes_a_part_of_the_stake_and_pays_the_finder() public {
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(alice, dave, 500 * LPT, 50 * LPT);
        slash(alice, dave, 500_000, 100_000);
        vm.assertEq(bondedAmountOf(alice), 500 * LPT);
        vm.assertEq(bonding.transcoderTotalStake(alice), 700 * LPT);
        vm.assertEq(token.balanceOf(dave), 10_050 * LPT);
        vm.assertEq(token.totalSupply(), supply - 450 * LPT);
        vm.assertEq(bonding.getFirstTranscoderInPool(), bob);
        vm.assertEq(deactivationRoundOf(alice), FIRST_ROUND + 2);
    }

    function test_burns_everything_without_a_finder() public {
        uint256 supply = token.totalSupply();
        slash(alice, address(0), 500_000, 100_000);
        vm.assertEq(token.totalSupply(), supply - 500 * LPT);
    }

    function test_who_has_no_stake_loses_nothing() public {
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(stranger, dave, 0, 0);
        slash(stranger, dave, 500_000, 100_000);
    }

    function test_is_written_into_the_voting_history() public {
        slash(alice, address(0), 500_000, 0);
        vm.assertEq(votes.getVotes(alice), 700 * LPT);
    }

    // Code4rena 2023, finding 194: delegators of a transcoder without stake kept their votes.
    function test_delegators_of_a_transcoder_slashed_of_everything_have_no_votes() public {
        slash(alice, address(0), 1_000_000, 0);
        vm.assertEq(votes.getVotes(alice), 0);
        vm.assertEq(votes.getVotes(carol), 0);
    }

    function test_fails_where_the_minter_may_not_burn() public {
        token.revokeRole(BURNER_ROLE, address(minter));
        vm.prank(verifier);
        (bool ok,) = address(bonding).call(abi.encodeCall(bonding.slashTranscoder, (alice, address(0), 500_000, 0)));
        vm.assertFalse(ok);
        vm.assertEq(bondedAmountOf(alice), 1000 * LPT);
    }

    function test_is_reserved_to_the_verifier() public {
        bytes memory data = abi.encodeCall(bonding.slashTranscoder, (alice, dave, 1, 1));
        assertReverts(owner, address(bonding), data, "caller must be Verifier");
        assertNeedsRunningSystem(verifier, address(bonding), data);
    }

    function test_nobody_is_the_verifier_where_none_is_registered() public {
        register("Verifier", address(0));
        bytes memory data = abi.encodeCall(bonding.slashTranscoder, (alice, dave, 1, 1));
        assertReverts(verifier, address(bonding), data, "caller must be Verifier");
    }
}
