// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MathUtils} from "../math/MathUtils.sol";
import {IMinter} from "../token/IMinter.sol";
import {Earnings} from "./Earnings.sol";
import {IBondingManager} from "./IBondingManager.sol";
import {ISlashing} from "./ISlashing.sol";
import {SortedDoublyLL} from "./SortedDoublyLL.sol";

/// @title Slashing
/// @notice What a Verifier may do to an orchestrator's stake. Unreachable where none is registered.
abstract contract Slashing is Earnings, ISlashing {
    using SortedDoublyLL for SortedDoublyLL.Data;

    /// @dev Bounds the gas of a slash: somebody who splits its stake over thousands of locks must not escape by that.
    uint256 private constant LOCKS_PER_SLASH = 32;

    modifier onlyVerifier() {
        require(msg.sender == _contract(VERIFIER), "caller must be Verifier");
        _;
    }

    /// @inheritdoc IBondingManager
    function slashTranscoder(address _transcoder, address _finder, uint256 _slashAmount, uint256 _finderFee)
        external
        whenSystemNotPaused
        onlyVerifier
    {
        uint256 round = _roundsManager().currentRound();
        _claimEarnings(_transcoder, round);
        _claimRewardsOfThisRound(_transcoder);

        Delegator storage del = delegators[_transcoder];
        uint256 penalty = MathUtils.percOf(del.bondedAmount, _slashAmount);
        if (transcoderPool.contains(_transcoder)) _resign(_transcoder, round);
        if (penalty > 0) _takeBonded(_transcoder, penalty, round);

        uint256 end = del.nextUnbondingLockId;
        uint256 first = end > LOCKS_PER_SLASH ? end - LOCKS_PER_SLASH : 0;
        penalty += _slashLocks(_transcoder, _slashAmount, first, end, round);

        uint256 finderReward = _spendPenalty(penalty, _finder, _finderFee);
        emit TranscoderSlashed(_transcoder, _finder, penalty, finderReward);
        _checkpoint(_transcoder, round);
    }

    /// @inheritdoc ISlashing
    function slashUnbondingLocks(
        address _transcoder,
        address _finder,
        uint256 _slashAmount,
        uint256 _finderFee,
        uint256 _firstLockId,
        uint256 _endLockId
    ) external whenSystemNotPaused onlyVerifier {
        uint256 round = _roundsManager().currentRound();
        uint256 penalty = _slashLocks(_transcoder, _slashAmount, _firstLockId, _endLockId, round);
        uint256 finderReward = _spendPenalty(penalty, _finder, _finderFee);
        emit TranscoderSlashed(_transcoder, _finder, penalty, finderReward);
    }

    /// @inheritdoc ISlashing
    function fineTranscoder(address _transcoder, uint256 _amount)
        external
        whenSystemNotPaused
        onlyVerifier
        returns (uint256)
    {
        uint256 round = _roundsManager().currentRound();
        // Half at most: taking everything would cut the account off from earnings that it has not claimed. They are
        // not claimed here, because a claim before this round's reward forfeits the account's share of it.
        uint256 half = delegators[_transcoder].bondedAmount / 2;
        uint256 amount = _amount < half ? _amount : half;
        if (amount > 0) {
            _takeBonded(_transcoder, amount, round);
            _minter().trustedTransferTokens(_contract(TREASURY), amount);
        }
        emit TranscoderFined(_transcoder, amount);
        _checkpoint(_transcoder, round);
        return amount;
    }

    /// @inheritdoc ISlashing
    function freezeStake(address _account) external onlyVerifier {
        uint256 round = _roundsManager().currentRound();
        freezes[_account] = Freeze(msg.sender, uint96(round));
        emit StakeFrozen(_account, round);
    }

    /// @inheritdoc ISlashing
    function releaseStake(address _account) external onlyVerifier {
        delete freezes[_account];
        emit StakeReleased(_account);
    }

    /// @inheritdoc ISlashing
    function stakeFrozenSince(address _account) external view returns (uint256) {
        Freeze memory freeze = freezes[_account];
        return freeze.verifier != address(0) && freeze.verifier == _contract(VERIFIER) ? freeze.round : 0;
    }

    /// @inheritdoc ISlashing
    function locksPerSlash() external pure returns (uint256) {
        return LOCKS_PER_SLASH;
    }

    /// @dev A freeze ends with the Verifier that ordered it, so that replacing it leaves nobody frozen for ever.
    function _requireNotFrozen(address account) internal view {
        address by = freezes[account].verifier;
        if (by != address(0)) require(by != _contract(VERIFIER), "stake is frozen by a dispute");
    }

    /// @dev Transferred stake needs no unbonding period. What an orchestrator answers with must not leave that way.
    function _requireTransferable(address account, uint256 round) internal view {
        uint256 end = transcoders[account].deactivationRound;
        if (end == MAX_FUTURE_ROUND || (end > 0 && end + unbondingPeriod > round)) {
            require(_contract(VERIFIER) == address(0), "stake that can be slashed cannot be transferred");
        }
        _requireNotFrozen(account);
    }

    /// @dev A claim earlier in this round has left out what a reward call since then has given to the transcoder.
    function _claimRewardsOfThisRound(address account) private {
        Transcoder storage t = transcoders[account];
        Delegator storage del = delegators[account];
        if (del.delegateAddress != account || t.cumulativeRewards == 0) return;
        del.bondedAmount += t.cumulativeRewards;
        t.cumulativeRewards = 0;
    }

    /// @dev Takes bonded stake without a lock. Whoever has none left is unbonded, as after unbond.
    function _takeBonded(address account, uint256 amount, uint256 round) private {
        Delegator storage del = delegators[account];
        address delegate = del.delegateAddress;
        uint256 bonded = del.bondedAmount - amount;
        del.bondedAmount = bonded;
        if (bonded == 0) {
            del.delegateAddress = address(0);
            del.startRound = 0;
        }
        _decreaseTotalStake(delegate, amount, round, address(0), address(0));
        if (delegate != account) _checkpoint(delegate, round);
    }

    function _slashLocks(address account, uint256 part, uint256 first, uint256 end, uint256 round)
        private
        returns (uint256 penalty)
    {
        Freeze memory freeze = freezes[account];
        uint256 since = freeze.verifier == msg.sender ? freeze.round : round;
        mapping(uint256 => UnbondingLock) storage locks = delegators[account].unbondingLocks;
        for (uint256 id = first; id < end; id++) {
            UnbondingLock storage lock = locks[id];
            if (lock.withdrawRound <= since) continue;
            uint256 amount = lock.amount;
            uint256 taken = MathUtils.percOf(amount, part);
            if (taken == 0) continue;
            if (taken == amount) delete locks[id];
            else lock.amount = amount - taken;
            penalty += taken;
            emit UnbondingLockSlashed(account, id, taken);
        }
    }

    /// @dev Pays the finder and burns the rest, or gives it to the treasury where the Minter may not burn.
    function _spendPenalty(uint256 penalty, address finder, uint256 finderFee) private returns (uint256 finderReward) {
        if (penalty == 0) return 0;
        IMinter minter = _minter();
        if (finder != address(0)) {
            finderReward = MathUtils.percOf(penalty, finderFee);
            minter.trustedTransferTokens(finder, finderReward);
        }
        uint256 rest = penalty - finderReward;
        try minter.trustedBurnTokens(rest) {}
        catch {
            minter.trustedTransferTokens(_contract(TREASURY), rest);
        }
    }
}
