// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ManagerProxyTarget} from "../controller/ManagerProxyTarget.sol";
import {IRoundsManager} from "../rounds/IRoundsManager.sol";
import {ILivepeerToken} from "../token/ILivepeerToken.sol";
import {IMinter} from "../token/IMinter.sol";
import {EarningsPool} from "./EarningsPool.sol";
import {IBondingManager} from "./IBondingManager.sol";
import {IBondingVotes} from "./IBondingVotes.sol";
import {SortedDoublyLL} from "./SortedDoublyLL.sol";

/// @title BondingStorage
/// @notice State of the BondingManager and the collaborators it calls.
/// @dev The order of the variables is fixed for ever: the proxy keeps them, targets come and go.
abstract contract BondingStorage is ManagerProxyTarget, IBondingManager {
    bytes32 internal constant MINTER = keccak256("Minter");
    bytes32 internal constant LIVEPEER_TOKEN = keccak256("LivepeerToken");
    bytes32 internal constant ROUNDS_MANAGER = keccak256("RoundsManager");
    bytes32 internal constant BONDING_VOTES = keccak256("BondingVotes");
    bytes32 internal constant TICKET_BROKER = keccak256("TicketBroker");
    bytes32 internal constant TREASURY = keccak256("Treasury");
    bytes32 internal constant VERIFIER = keccak256("Verifier");
    bytes32 internal constant L2_MIGRATOR = keccak256("L2Migrator");

    /// @dev Deactivation round of a transcoder that is in the pool.
    uint256 internal constant MAX_FUTURE_ROUND = type(uint256).max;

    struct UnbondingLock {
        uint256 amount;
        uint256 withdrawRound;
    }

    struct Delegator {
        uint256 bondedAmount;
        uint256 fees;
        address delegateAddress;
        /// Stake that others and the account itself bond to the account
        uint256 delegatedAmount;
        uint256 startRound;
        uint256 lastClaimRound;
        uint256 nextUnbondingLockId;
        mapping(uint256 => UnbondingLock) unbondingLocks;
    }

    struct Transcoder {
        uint256 lastRewardRound;
        uint256 rewardCut;
        uint256 feeShare;
        mapping(uint256 => EarningsPool.Data) earningsPoolPerRound;
        uint256 lastActiveStakeUpdateRound;
        uint256 activationRound;
        uint256 deactivationRound;
        /// The part of this round's stake that is the transcoder's own earnings
        uint256 activeCumulativeRewards;
        uint256 cumulativeRewards;
        uint256 cumulativeFees;
        uint256 lastFeeRound;
    }

    struct Freeze {
        /// The Verifier that ordered it
        address verifier;
        uint96 round;
    }

    /// @inheritdoc IBondingManager
    uint64 public override unbondingPeriod;

    mapping(address => Delegator) internal delegators;
    mapping(address => Transcoder) internal transcoders;

    /// @inheritdoc IBondingManager
    uint256 public override currentRoundTotalActiveStake;
    /// @inheritdoc IBondingManager
    uint256 public override nextRoundTotalActiveStake;

    SortedDoublyLL.Data internal transcoderPool;

    /// @inheritdoc IBondingManager
    uint256 public override treasuryRewardCutRate;
    /// @inheritdoc IBondingManager
    uint256 public override nextRoundTreasuryRewardCutRate;
    /// @inheritdoc IBondingManager
    uint256 public override treasuryBalanceCeiling;
    /// @inheritdoc IBondingManager
    mapping(address => address) public override transcoderToRewardCaller;

    mapping(address => Freeze) internal freezes;

    constructor(address _controller) ManagerProxyTarget(_controller) {}

    /// @dev Entry check of every user function. Returns the round so that it is asked for once per call.
    function _requireUsableRound() internal view returns (uint256 round) {
        _requireSystemNotPaused();
        IRoundsManager rounds = _roundsManager();
        require(rounds.currentRoundInitialized(), "current round is not initialized");
        return rounds.currentRound();
    }

    function _isRegistered(address account) internal view returns (bool) {
        Delegator storage del = delegators[account];
        return del.delegateAddress == account && del.bondedAmount > 0;
    }

    function _isActive(address account, uint256 round) internal view returns (bool) {
        Transcoder storage t = transcoders[account];
        return t.activationRound <= round && round < t.deactivationRound;
    }

    function _status(Delegator storage del, uint256 round) internal view returns (DelegatorStatus) {
        if (del.bondedAmount == 0) return DelegatorStatus.Unbonded;
        return del.startRound > round ? DelegatorStatus.Pending : DelegatorStatus.Bonded;
    }

    /// @dev Writes the account's state, as it will count in the next round, into the voting history.
    function _checkpoint(address account, uint256 round) internal {
        Delegator storage del = delegators[account];
        IBondingVotes(_contract(BONDING_VOTES))
            .checkpointBondingState(
                account,
                round + 1,
                del.bondedAmount,
                del.delegateAddress,
                del.delegatedAmount,
                del.lastClaimRound,
                transcoders[account].lastRewardRound
            );
    }

    function _roundsManager() internal view returns (IRoundsManager) {
        return IRoundsManager(_contract(ROUNDS_MANAGER));
    }

    function _minter() internal view returns (IMinter) {
        return IMinter(_contract(MINTER));
    }

    function _livepeerToken() internal view returns (ILivepeerToken) {
        return ILivepeerToken(_contract(LIVEPEER_TOKEN));
    }
}
