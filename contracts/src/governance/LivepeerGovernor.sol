// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    GovernorUpgradeable,
    IGovernorUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/GovernorUpgradeable.sol";
import {
    TimelockControllerUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/TimelockControllerUpgradeable.sol";
import {
    GovernorSettingsUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorSettingsUpgradeable.sol";
import {
    GovernorTimelockControlUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorTimelockControlUpgradeable.sol";
import {
    GovernorVotesQuorumFractionUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorVotesQuorumFractionUpgradeable.sol";
import {
    GovernorVotesUpgradeable,
    IERC5805Upgradeable,
    IVotesUpgradeable
} from "@openzeppelin/contracts-upgradeable/governance/extensions/GovernorVotesUpgradeable.sol";
import {IBondingVotes} from "../bonding/IBondingVotes.sol";
import {ManagerProxyTarget} from "../controller/ManagerProxyTarget.sol";
import {MathUtils} from "../math/MathUtils.sol";
import {GovernorCountingOverridable} from "./GovernorCountingOverridable.sol";

/// @title LivepeerGovernor
/// @notice Stakers propose and vote; what they agree on is carried out by the Treasury. Times are rounds.
/// @dev The order of the bases decides the storage slots, which must be those of the deployed governor.
contract LivepeerGovernor is
    ManagerProxyTarget,
    GovernorUpgradeable,
    GovernorSettingsUpgradeable,
    GovernorTimelockControlUpgradeable,
    GovernorVotesUpgradeable,
    GovernorVotesQuorumFractionUpgradeable,
    GovernorCountingOverridable
{
    bytes32 private constant BONDING_VOTES = keccak256("BondingVotes");
    bytes32 private constant TREASURY = keccak256("Treasury");

    /// @dev Only a proxy before it can be initialized.
    constructor(address _controller) ManagerProxyTarget(_controller) {
        _disableInitializers();
    }

    /// @notice Sets the rules, once. BondingVotes and Treasury must be registered.
    /// @param initialVotingDelay Rounds between a proposal and its snapshot of stakes, after which voting begins
    /// @param initialVotingPeriod Rounds in which one can vote
    /// @param initialProposalThreshold Votes needed to propose
    /// @param initialQuorum Part of all votes, in millionths, that must be cast
    /// @param quota Part of the votes for and against, in millionths, that must be for a proposal
    function initialize(
        uint256 initialVotingDelay,
        uint256 initialVotingPeriod,
        uint256 initialProposalThreshold,
        uint256 initialQuorum,
        uint256 quota
    ) external initializer {
        __Governor_init("LivepeerGovernor");
        __GovernorSettings_init(initialVotingDelay, initialVotingPeriod, initialProposalThreshold);
        __GovernorTimelockControl_init(TimelockControllerUpgradeable(payable(_contract(TREASURY))));
        __GovernorVotes_init(IVotesUpgradeable(_contract(BONDING_VOTES)));
        __GovernorVotesQuorumFraction_init(initialQuorum);
        __GovernorCountingOverridable_init(quota);
    }

    /// @notice Follows the Controller to a new BondingVotes. Anyone may call, since the Controller decides.
    function bumpGovernorVotesTokenAddress() external {
        token = IERC5805Upgradeable(address(votes()));
    }

    /// @notice What quorum numerators are parts of.
    function quorumDenominator() public view override returns (uint256) {
        return MathUtils.PERC_DIVISOR;
    }

    /// @notice The BondingVotes that the Controller names.
    function votes() public view override returns (IBondingVotes) {
        return IBondingVotes(_contract(BONDING_VOTES));
    }

    /// @notice Votes needed to propose.
    function proposalThreshold()
        public
        view
        override(GovernorUpgradeable, GovernorSettingsUpgradeable)
        returns (uint256)
    {
        return super.proposalThreshold();
    }

    /// @inheritdoc IGovernorUpgradeable
    function state(uint256 proposalId)
        public
        view
        override(GovernorUpgradeable, GovernorTimelockControlUpgradeable)
        returns (ProposalState)
    {
        return super.state(proposalId);
    }

    /// @notice Whether the governor understands the interface with this id.
    function supportsInterface(bytes4 interfaceId)
        public
        view
        override(GovernorUpgradeable, GovernorTimelockControlUpgradeable)
        returns (bool)
    {
        return super.supportsInterface(interfaceId);
    }

    function _execute(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(GovernorUpgradeable, GovernorTimelockControlUpgradeable) {
        super._execute(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(GovernorUpgradeable, GovernorTimelockControlUpgradeable) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor()
        internal
        view
        override(GovernorUpgradeable, GovernorTimelockControlUpgradeable)
        returns (address)
    {
        return super._executor();
    }
}
