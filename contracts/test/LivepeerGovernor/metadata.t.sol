// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_metadata_Test is GovernanceTest {
    function test_names_itself_its_clock_and_its_counting() public view {
        vm.assertEq(governor.name(), "LivepeerGovernor");
        vm.assertEq(governor.version(), "1");
        vm.assertEq(governor.CLOCK_MODE(), "mode=livepeer_round");
        vm.assertEq(governor.COUNTING_MODE(), "support=bravo&quorum=for,abstain,against");
        vm.assertEq(governor.clock(), 1001);
    }

    function test_names_what_is_signed() public view {
        (bytes1 fields, string memory name, string memory version, uint256 chainId, address verifier,,) =
            governor.eip712Domain();
        vm.assertEq(bytes32(fields), bytes32(hex"0f"));
        vm.assertEq(name, "LivepeerGovernor");
        vm.assertEq(version, "1");
        vm.assertEq(chainId, block.chainid);
        vm.assertEq(verifier, address(governor));
        vm.assertEq(governor.BALLOT_TYPEHASH(), keccak256("Ballot(uint256 proposalId,uint8 support)"));
        vm.assertEq(
            governor.EXTENDED_BALLOT_TYPEHASH(),
            keccak256("ExtendedBallot(uint256 proposalId,uint8 support,string reason,bytes params)")
        );
    }

    function test_the_id_of_a_proposal_is_the_hash_of_what_it_does() public view {
        Proposal memory p = payment(erin, LPT);
        vm.assertEq(governor.hashProposal(p.targets, p.values, p.calldatas, hashOf(p)), idOf(p));
    }

    function test_says_which_interfaces_it_understands() public view {
        vm.assertTrue(governor.supportsInterface(0x01ffc9a7));
        vm.assertTrue(governor.supportsInterface(0x4e2312e0));
        vm.assertFalse(governor.supportsInterface(0xffffffff));
    }
}
