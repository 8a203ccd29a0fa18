// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernorUpgradeable} from "@openzeppelin/contracts-upgradeable/governance/GovernorUpgradeable.sol";
import {IBondingVotes} from "../bonding/IBondingVotes.sol";
import {MathUtils} from "../math/MathUtils.sol";

/// @title Counts votes so that a delegator can take its stake out of the vote of its transcoder
/// @dev A transcoder votes with all stake bonded to it. A delegator that votes itself, before or after, votes with its
///      own stake, and that much is taken from the transcoder's side. So no stake counts twice.
abstract contract GovernorCountingOverridable is GovernorUpgradeable {
    error InvalidVoteType(uint8 voteType);
    error VoteAlreadyCast();

    enum VoteType {
        Against,
        For,
        Abstain
    }

    struct ProposalVoterState {
        bool hasVoted;
        VoteType support;
        /// Stake of delegators that have voted themselves
        uint256 deductions;
    }

    struct ProposalTally {
        uint256 againstVotes;
        uint256 forVotes;
        uint256 abstainVotes;
        mapping(address => ProposalVoterState) voters;
    }

    mapping(uint256 => ProposalTally) private _proposalTallies;

    /// @notice Part of the votes for and against, in millionths, that must be for a proposal.
    uint256 public quota;

    function __GovernorCountingOverridable_init(uint256 initialQuota) internal onlyInitializing {
        quota = initialQuota;
    }

    /// @notice How votes are counted: against, for and abstain, which all count towards the quorum.
    function COUNTING_MODE() public pure override returns (string memory) {
        return "support=bravo&quorum=for,abstain,against";
    }

    /// @notice Whether `_account` has voted.
    function hasVoted(uint256 _proposalId, address _account) public view override returns (bool) {
        return _proposalTallies[_proposalId].voters[_account].hasVoted;
    }

    /// @notice Votes cast so far.
    function proposalVotes(uint256 _proposalId)
        public
        view
        returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes)
    {
        ProposalTally storage tally = _proposalTallies[_proposalId];
        return (tally.againstVotes, tally.forVotes, tally.abstainVotes);
    }

    /// @notice Where voting power and delegates are read.
    function votes() public view virtual returns (IBondingVotes);

    function _quorumReached(uint256 _proposalId) internal view override returns (bool) {
        (uint256 against, uint256 inFavour, uint256 abstain) = proposalVotes(_proposalId);
        return against + inFavour + abstain >= quorum(proposalSnapshot(_proposalId));
    }

    function _voteSucceeded(uint256 _proposalId) internal view override returns (bool) {
        (uint256 against, uint256 inFavour,) = proposalVotes(_proposalId);
        return inFavour >= MathUtils.percOf(against + inFavour, quota);
    }

    function _countVote(uint256 _proposalId, address _account, uint8 _support, uint256 _weight, bytes memory)
        internal
        override
    {
        if (_support > uint8(VoteType.Abstain)) revert InvalidVoteType(_support);
        ProposalTally storage tally = _proposalTallies[_proposalId];
        ProposalVoterState storage voter = tally.voters[_account];
        if (voter.hasVoted) revert VoteAlreadyCast();
        voter.hasVoted = true;
        voter.support = VoteType(_support);

        uint256 snapshot = proposalSnapshot(_proposalId);
        address delegate = votes().delegatedAt(_account, snapshot);
        if (delegate == _account) {
            _weight -= voter.deductions;
        } else if (votes().delegatedAt(delegate, snapshot) == delegate) {
            // The votes of a delegate that is no transcoder contain nobody's stake, so there is nothing to take.
            ProposalVoterState storage transcoder = tally.voters[delegate];
            transcoder.deductions += _weight;
            if (transcoder.hasVoted) _change(tally, transcoder.support, 0, _weight);
        }
        _change(tally, VoteType(_support), _weight, 0);
    }

    function _change(ProposalTally storage tally, VoteType support, uint256 added, uint256 taken) private {
        if (support == VoteType.Against) tally.againstVotes = tally.againstVotes + added - taken;
        else if (support == VoteType.For) tally.forVotes = tally.forVotes + added - taken;
        else tally.abstainVotes = tally.abstainVotes + added - taken;
    }

    /// @dev Room for variables of later versions.
    uint256[48] private __gap;
}
