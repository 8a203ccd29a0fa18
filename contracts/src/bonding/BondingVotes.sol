// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ManagerProxyTarget} from "../controller/ManagerProxyTarget.sol";
import {SortedArrays} from "../math/SortedArrays.sol";
import {IRoundsManager} from "../rounds/IRoundsManager.sol";
import {EarningsPool} from "./EarningsPool.sol";
import {IBondingManager} from "./IBondingManager.sol";
import {IBondingVotes} from "./IBondingVotes.sol";

/// @title BondingVotes
contract BondingVotes is ManagerProxyTarget, IBondingVotes {
    using SortedArrays for uint256[];

    bytes32 private constant BONDING_MANAGER = keccak256("BondingManager");
    bytes32 private constant ROUNDS_MANAGER = keccak256("RoundsManager");

    /// @dev An account's state as of the start of a round.
    struct BondingCheckpoint {
        uint256 bondedAmount;
        address delegateAddress;
        uint256 delegatedAmount;
        uint256 lastClaimRound;
        uint256 lastRewardRound;
    }

    struct BondingCheckpointsByRound {
        uint256[] startRounds;
        mapping(uint256 => BondingCheckpoint) data;
    }

    struct TotalActiveStakeByRound {
        uint256[] rounds;
        mapping(uint256 => uint256) data;
    }

    mapping(address => BondingCheckpointsByRound) private bondingCheckpoints;
    TotalActiveStakeByRound private totalStakeCheckpoints;

    modifier onlyBondingManager() {
        address bondingManager = _contract(BONDING_MANAGER);
        if (msg.sender != bondingManager) revert InvalidCaller(msg.sender, bondingManager);
        _;
    }

    constructor(address _controller) ManagerProxyTarget(_controller) {}

    // BondingManager

    /// @inheritdoc IBondingVotes
    function checkpointBondingState(
        address _account,
        uint256 _startRound,
        uint256 _bondedAmount,
        address _delegateAddress,
        uint256 _delegatedAmount,
        uint256 _lastClaimRound,
        uint256 _lastRewardRound
    ) external onlyBondingManager {
        uint256 nextRound = clock() + 1;
        if (_startRound != nextRound) revert InvalidStartRound(_startRound, nextRound);
        if (_lastClaimRound >= nextRound) revert FutureLastClaimRound(_lastClaimRound, nextRound - 1);

        BondingCheckpointsByRound storage checkpoints = bondingCheckpoints[_account];
        BondingCheckpoint memory previous = _latest(checkpoints);
        BondingCheckpoint memory current = BondingCheckpoint({
            bondedAmount: _bondedAmount,
            delegateAddress: _delegateAddress,
            delegatedAmount: _delegatedAmount,
            lastClaimRound: _lastClaimRound,
            lastRewardRound: _lastRewardRound
        });
        checkpoints.data[_startRound] = current;
        checkpoints.startRounds.pushSorted(_startRound);
        _emitChanges(_account, previous, current);
    }

    /// @inheritdoc IBondingVotes
    function checkpointTotalActiveStake(uint256 _totalStake, uint256 _round) external onlyBondingManager {
        uint256 current = clock();
        if (_round > current) revert InvalidTotalStakeCheckpointRound(_round, current);
        totalStakeCheckpoints.data[_round] = _totalStake;
        totalStakeCheckpoints.rounds.pushSorted(_round);
    }

    // Nobody

    /// @inheritdoc IBondingVotes
    function delegate(address) external pure {
        revert MustCallBondingManager("bond");
    }

    /// @inheritdoc IBondingVotes
    function delegateBySig(address, uint256, uint256, uint8, bytes32, bytes32) external pure {
        revert MustCallBondingManager("bondFor");
    }

    // Anyone

    /// @inheritdoc IBondingVotes
    function name() external pure returns (string memory) {
        return "Livepeer Voting Power";
    }

    /// @inheritdoc IBondingVotes
    function symbol() external pure returns (string memory) {
        return "vLPT";
    }

    /// @inheritdoc IBondingVotes
    function decimals() external pure returns (uint8) {
        return 18;
    }

    /// @inheritdoc IBondingVotes
    function clock() public view returns (uint48) {
        return SafeCast.toUint48(IRoundsManager(_contract(ROUNDS_MANAGER)).currentRound());
    }

    /// @inheritdoc IBondingVotes
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=livepeer_round";
    }

    /// @inheritdoc IBondingVotes
    function totalSupply() external view returns (uint256) {
        return getTotalActiveStakeAt(clock() + 1);
    }

    /// @inheritdoc IBondingVotes
    function getPastTotalSupply(uint256 _round) external view returns (uint256) {
        _requirePast(_round);
        return getTotalActiveStakeAt(_round + 1);
    }

    /// @inheritdoc IBondingVotes
    function getTotalActiveStakeAt(uint256 _round) public view returns (uint256) {
        _requireKnown(_round);
        uint256 exact = totalStakeCheckpoints.data[_round];
        if (exact > 0) return exact;

        uint256[] storage rounds = totalStakeCheckpoints.rounds;
        uint256 count = rounds.countUpTo(_round);
        if (count == 0) return 0;
        if (rounds[count - 1] == _round) return exact;
        // The round was never initialised: no stake changed in it, so it had what the next one started with.
        if (count < rounds.length) return totalStakeCheckpoints.data[rounds[count]];
        return IBondingManager(_contract(BONDING_MANAGER)).nextRoundTotalActiveStake();
    }

    /// @inheritdoc IBondingVotes
    function getVotes(address _account) external view returns (uint256) {
        return _votesAt(_account, clock() + 1);
    }

    /// @inheritdoc IBondingVotes
    function getPastVotes(address _account, uint256 _round) external view returns (uint256) {
        _requirePast(_round);
        return _votesAt(_account, _round + 1);
    }

    /// @inheritdoc IBondingVotes
    function delegates(address _account) external view returns (address) {
        return _checkpointAt(_account, clock() + 1).delegateAddress;
    }

    /// @inheritdoc IBondingVotes
    function delegatedAt(address _account, uint256 _round) external view returns (address) {
        _requirePast(_round);
        return _checkpointAt(_account, _round + 1).delegateAddress;
    }

    /// @inheritdoc IBondingVotes
    function getVotesAndDelegateAtRoundStart(address _account, uint256 _round)
        external
        view
        returns (uint256 votes, address delegateAddress)
    {
        _requireKnown(_round);
        votes = _votesAt(_account, _round);
        delegateAddress = _checkpointAt(_account, _round).delegateAddress;
    }

    /// @inheritdoc IBondingVotes
    function hasCheckpoint(address _account) external view returns (bool) {
        return bondingCheckpoints[_account].startRounds.length > 0;
    }

    function _votesAt(address account, uint256 round) private view returns (uint256) {
        BondingCheckpoint storage bond = _checkpointAt(account, round);
        address delegateAddress = bond.delegateAddress;
        if (bond.bondedAmount == 0) return 0;
        if (delegateAddress == account) return bond.delegatedAmount;
        return _delegatorVotes(bond, _checkpointAt(delegateAddress, round));
    }

    /// @dev The delegator's stake with the rewards that its delegate had called by the checkpoint.
    function _delegatorVotes(BondingCheckpoint storage bond, BondingCheckpoint storage delegateBond)
        private
        view
        returns (uint256)
    {
        address delegateAddress = bond.delegateAddress;
        // Stake bonded to an account that is no transcoder is nobody's power, else it could be counted twice.
        if (delegateBond.delegateAddress != delegateAddress || delegateBond.bondedAmount == 0) return 0;

        uint256 bonded = bond.bondedAmount;
        uint256 rewardRound = delegateBond.lastRewardRound;
        uint256 claimRound = bond.lastClaimRound;
        if (rewardRound < claimRound || rewardRound == 0) return bonded;

        IBondingManager bondingManager = IBondingManager(_contract(BONDING_MANAGER));
        (,,, uint256 endFactor,) = bondingManager.getTranscoderEarningsPoolForRound(delegateAddress, rewardRound);
        if (endFactor == 0) revert MissingEarningsPool(delegateAddress, rewardRound);
        (,,, uint256 startFactor,) = bondingManager.getTranscoderEarningsPoolForRound(delegateAddress, claimRound);
        return EarningsPool.stakeAt(bonded, startFactor, endFactor);
    }

    /// @dev The account's checkpoint that counts in `round`: the newest one that is not younger.
    function _checkpointAt(address account, uint256 round) private view returns (BondingCheckpoint storage) {
        BondingCheckpointsByRound storage checkpoints = bondingCheckpoints[account];
        // Transcoders write one every round, which makes the search below the exception.
        BondingCheckpoint storage exact = checkpoints.data[round];
        if (exact.bondedAmount > 0) return exact;

        uint256 count = checkpoints.startRounds.countUpTo(round);
        // No checkpoint of round 0 can exist, so it stands for "nothing yet".
        return checkpoints.data[count == 0 ? 0 : checkpoints.startRounds[count - 1]];
    }

    function _latest(BondingCheckpointsByRound storage checkpoints) private view returns (BondingCheckpoint memory) {
        uint256 length = checkpoints.startRounds.length;
        return checkpoints.data[length == 0 ? 0 : checkpoints.startRounds[length - 1]];
    }

    function _emitChanges(address account, BondingCheckpoint memory previous, BondingCheckpoint memory current)
        private
    {
        if (previous.delegateAddress != current.delegateAddress) {
            emit DelegateChanged(account, previous.delegateAddress, current.delegateAddress);
        }

        // Only transcoders have the stake of others as votes.
        uint256 previousVotes = previous.delegateAddress == account ? previous.delegatedAmount : 0;
        uint256 currentVotes = current.delegateAddress == account ? current.delegatedAmount : 0;
        if (previousVotes != currentVotes) emit DelegateVotesChanged(account, previousVotes, currentVotes);

        if (previous.bondedAmount != current.bondedAmount || previous.lastClaimRound != current.lastClaimRound) {
            emit DelegatorBondedAmountChanged(
                account, previous.bondedAmount, previous.lastClaimRound, current.bondedAmount, current.lastClaimRound
            );
        }
    }

    /// @dev Checkpoints start in the next round at the latest, so nothing can be said about later ones.
    function _requireKnown(uint256 round) private view {
        uint256 maxRound = clock() + 1;
        if (round > maxRound) revert FutureLookup(round, maxRound);
    }

    function _requirePast(uint256 round) private view {
        uint256 current = clock();
        if (round >= current) revert FutureLookup(round, current == 0 ? 0 : current - 1);
    }
}
