// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LivepeerGovernor} from "../../src/governance/LivepeerGovernor.sol";
import {Treasury} from "../../src/governance/Treasury.sol";
import {ProtocolTest} from "./ProtocolTest.sol";

/// @title A network with a treasury that stakers govern, in round 1001
/// @dev alice has 1200 LPT of votes (200 of them carol's stake), bob has 500 LPT; a proposal needs 566.61 LPT.
abstract contract GovernanceTest is ProtocolTest {
    struct Proposal {
        address[] targets;
        uint256[] values;
        bytes[] calldatas;
        string description;
    }

    uint8 internal constant AGAINST = 0;
    uint8 internal constant FOR = 1;
    uint8 internal constant ABSTAIN = 2;

    uint8 internal constant PENDING = 0;
    uint8 internal constant ACTIVE = 1;
    uint8 internal constant CANCELED = 2;
    uint8 internal constant DEFEATED = 3;
    uint8 internal constant SUCCEEDED = 4;
    uint8 internal constant QUEUED = 5;
    uint8 internal constant EXECUTED = 7;

    uint256 internal constant VOTING_DELAY = 1;
    uint256 internal constant VOTING_PERIOD = 10;
    uint256 internal constant QUORUM = 333_300;
    uint256 internal constant QUOTA = 500_000;
    uint256 internal constant TREASURY_FUNDS = 500 * LPT;

    LivepeerGovernor internal governor;
    Treasury internal timelock;

    function setUp() public virtual override {
        super.setUp();
        // Forge begins at second 1, which to a timelock means "done".
        vm.warp(1_700_000_000);
        timelock = Treasury(payable(vm.deployCode("Treasury.sol:Treasury", "")));
        register("Treasury", address(timelock));
        governor = LivepeerGovernor(payable(deployBehindProxy("LivepeerGovernor", "LivepeerGovernor")));
        address[] memory governors = new address[](1);
        governors[0] = address(governor);
        timelock.initialize(0, governors, governors, address(0));
        governor.initialize(VOTING_DELAY, VOTING_PERIOD, 100 * LPT, QUORUM, QUOTA);
        vm.prank(dave);
        token.transfer(address(timelock), TREASURY_FUNDS);
        startWithTranscoders();
    }

    /// @dev A proposal to make one call.
    function single(address target, bytes memory data) internal pure returns (Proposal memory p) {
        p.targets = new address[](1);
        p.values = new uint256[](1);
        p.calldatas = new bytes[](1);
        p.targets[0] = target;
        p.calldatas[0] = data;
        p.description = "a change";
    }

    /// @dev A proposal to pay LPT out of the treasury.
    function payment(address to, uint256 amount) internal view returns (Proposal memory p) {
        p = single(address(token), abi.encodeCall(token.transfer, (to, amount)));
        p.description = "a payment";
    }

    function idOf(Proposal memory p) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(p.targets, p.values, p.calldatas, hashOf(p))));
    }

    function hashOf(Proposal memory p) internal pure returns (bytes32) {
        return keccak256(bytes(p.description));
    }

    function proposeAs(address who, Proposal memory p) internal returns (uint256) {
        vm.prank(who);
        return governor.propose(p.targets, p.values, p.calldatas, p.description);
    }

    function voteAs(address who, uint256 id, uint8 support) internal returns (uint256 weight) {
        vm.prank(who);
        return governor.castVote(id, support);
    }

    function cancelData(Proposal memory p) internal view returns (bytes memory) {
        return abi.encodeCall(governor.cancel, (p.targets, p.values, p.calldatas, hashOf(p)));
    }

    function proposeData(Proposal memory p) internal view returns (bytes memory) {
        return abi.encodeCall(governor.propose, (p.targets, p.values, p.calldatas, p.description));
    }

    function queueData(Proposal memory p) internal view returns (bytes memory) {
        return abi.encodeCall(governor.queue, (p.targets, p.values, p.calldatas, hashOf(p)));
    }

    function executeData(Proposal memory p) internal view returns (bytes memory) {
        return abi.encodeCall(governor.execute, (p.targets, p.values, p.calldatas, hashOf(p)));
    }

    function queue(Proposal memory p) internal {
        governor.queue(p.targets, p.values, p.calldatas, hashOf(p));
    }

    function execute(Proposal memory p) internal {
        governor.execute(p.targets, p.values, p.calldatas, hashOf(p));
    }

    function skipRounds(uint256 count) internal {
        for (uint256 i = 0; i < count; i++) {
            nextRound();
        }
    }

    /// @dev alice proposes, and rounds pass until one can vote.
    function startVoting(Proposal memory p) internal returns (uint256 id) {
        id = proposeAs(alice, p);
        skipRounds(VOTING_DELAY + 1);
    }

    /// @dev From the first round in which one can vote to the first in which one cannot.
    function endVoting() internal {
        skipRounds(VOTING_PERIOD);
    }

    /// @dev alice proposes and alone votes for it, which is enough.
    function pass(Proposal memory p) internal returns (uint256 id) {
        id = startVoting(p);
        voteAs(alice, id, FOR);
        endVoting();
    }

    /// @dev Brings a proposal through all stages.
    function carryOut(Proposal memory p) internal {
        pass(p);
        queue(p);
        execute(p);
    }

    function stateOf(uint256 id) internal view returns (uint8) {
        return uint8(governor.state(id));
    }

    function assertVotes(uint256 id, uint256 against, uint256 inFavour, uint256 abstain) internal view {
        (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes) = governor.proposalVotes(id);
        vm.assertEq(againstVotes, against, "votes against");
        vm.assertEq(forVotes, inFavour, "votes for");
        vm.assertEq(abstainVotes, abstain, "abstentions");
    }

    /// @dev The function can be used by a proposal only.
    function assertNeedsProposal(bytes memory data) internal {
        assertReverts(stranger, address(governor), data, "Governor: onlyGovernance");
        assertReverts(owner, address(governor), data, "Governor: onlyGovernance");
        // The treasury itself, but outside of an executed proposal that says so.
        assertRevertsWith(address(timelock), address(governor), data, abi.encodeWithSignature("Empty()"));
    }

    function missingRole(address who, bytes32 role) internal pure returns (string memory) {
        return string.concat(
            "AccessControl: account ", hexOf(uint160(who), 20), " is missing role ", hexOf(uint256(role), 32)
        );
    }

    function hexOf(uint256 value, uint256 size) private pure returns (string memory) {
        bytes memory digits = "0123456789abcdef";
        bytes memory text = new bytes(2 + 2 * size);
        text[0] = "0";
        text[1] = "x";
        for (uint256 i = 2 * size + 1; i > 1; i--) {
            text[i] = digits[value & 15];
            value >>= 4;
        }
        return string(text);
    }
}
