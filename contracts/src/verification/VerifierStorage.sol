// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../bonding/IBondingManager.sol";
import {IBondingVotes} from "../bonding/IBondingVotes.sol";
import {ISlashing} from "../bonding/ISlashing.sol";
import {IRoundsManager} from "../rounds/IRoundsManager.sol";
import {ILivepeerToken} from "../token/ILivepeerToken.sol";
import {Commitments} from "./Commitments.sol";

/// @title VerifierStorage
/// @notice State of the Verifier and the collaborators it calls.
abstract contract VerifierStorage is Commitments {
    bytes32 internal constant VERIFIER = keccak256("Verifier");
    bytes32 private constant BONDING_MANAGER = keccak256("BondingManager");
    bytes32 private constant BONDING_VOTES = keccak256("BondingVotes");
    bytes32 private constant ROUNDS_MANAGER = keccak256("RoundsManager");
    bytes32 private constant LIVEPEER_TOKEN = keccak256("LivepeerToken");
    bytes32 internal constant TREASURY = keccak256("Treasury");

    /// @dev Every dispute keeps the parameters it began with.
    mapping(uint256 => Parameters) internal parametersByVersion;
    uint256 internal parametersVersion;

    /// @dev Block of each announcement.
    mapping(bytes32 => uint256) internal announcements;

    mapping(uint256 => Dispute) internal disputes;
    uint256 public override disputeCount;
    mapping(uint256 => mapping(address => Ballot)) internal ballots;
    mapping(bytes32 => Outcome) public override decisionOn;

    /// @dev Disputes that keep an orchestrator's stake frozen.
    mapping(address => uint256) internal openDisputes;
    mapping(address => uint256) public override balanceOf;

    function _bondingManager() internal view returns (IBondingManager) {
        return IBondingManager(_contract(BONDING_MANAGER));
    }

    function _slashing() internal view returns (ISlashing) {
        return ISlashing(_contract(BONDING_MANAGER));
    }

    function _bondingVotes() internal view returns (IBondingVotes) {
        return IBondingVotes(_contract(BONDING_VOTES));
    }

    function _roundsManager() internal view returns (IRoundsManager) {
        return IRoundsManager(_contract(ROUNDS_MANAGER));
    }

    function _livepeerToken() internal view returns (ILivepeerToken) {
        return ILivepeerToken(_contract(LIVEPEER_TOKEN));
    }

    function _parametersOf(Dispute storage dispute) internal view returns (Parameters storage) {
        return parametersByVersion[dispute.parametersVersion];
    }
}
