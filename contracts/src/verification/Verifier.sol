// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ManagerProxyTarget} from "../controller/ManagerProxyTarget.sol";
import {IVerifier} from "./IVerifier.sol";
import {Verdicts} from "./Verdicts.sol";

/// @title Verifier. UNAUDITED
/// @dev Split over six files: Commitments (signatures), VerifierStorage, Committee (seats), Challenges, Verdicts, and
///      here the parameters and what can be read.
contract Verifier is Verdicts {
    uint256 private constant MILLION = 1_000_000;
    /// @dev Hashes of older blocks cannot be had.
    uint256 private constant LONGEST_DRAW = 250;

    constructor(address _controller) ManagerProxyTarget(_controller) {}

    /// @inheritdoc IVerifier
    function setParameters(Parameters calldata _parameters) external onlyControllerOwner {
        _check(_parameters);
        uint256 version = ++parametersVersion;
        parametersByVersion[version] = _parameters;
        emit ParametersSet(version, _parameters);
        emit ParameterUpdate("parameters");
    }

    /// @inheritdoc IVerifier
    function currentParameters() external view returns (Parameters memory) {
        return parametersByVersion[parametersVersion];
    }

    /// @inheritdoc IVerifier
    function parametersOf(uint256 _version) external view returns (Parameters memory) {
        return parametersByVersion[_version];
    }

    /// @inheritdoc IVerifier
    function getDispute(uint256 _id) external view returns (Dispute memory) {
        return disputes[_id];
    }

    /// @inheritdoc IVerifier
    function getBallot(uint256 _id, address _juror) external view returns (Ballot memory) {
        return ballots[_id][_juror];
    }

    function _check(Parameters calldata parameters) private view {
        // The bond pays all jurors and the accused, so that no verdict leaves anybody unpaid.
        uint256 promised = parameters.compensation + parameters.jurorFee * parameters.seats;
        _require(parameters.jurorFee > 0, "jurorFee");
        _require(parameters.challengeBond >= promised, "challengeBond");
        _require(parameters.slashAmount > 0 && parameters.slashAmount <= MILLION, "slashAmount");
        _require(parameters.finderFee <= MILLION, "finderFee");
        // Below one half, both sides could win.
        _require(
            parameters.verdictThreshold >= MILLION / 2 && parameters.verdictThreshold < MILLION, "verdictThreshold"
        );
        _require(parameters.seats > 0, "seats");
        _require(parameters.minimumJurors > 0, "minimumJurors");
        // Stake that was bonded for a segment must be within reach as long as the segment can be challenged.
        _require(parameters.disputeWindow < _bondingManager().unbondingPeriod(), "disputeWindow");
        _require(parameters.answerBlocks > 0, "answerBlocks");
        _require(parameters.drawBlocks > 0 && parameters.drawBlocks <= LONGEST_DRAW, "drawBlocks");
        _require(parameters.commitBlocks > 0, "commitBlocks");
        _require(parameters.revealBlocks > 0, "revealBlocks");
    }

    function _require(bool holds, string memory name) private pure {
        if (!holds) revert InvalidParameter(name);
    }
}
