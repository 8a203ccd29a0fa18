// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MathUtils} from "../math/MathUtils.sol";
import {PreciseMathUtils} from "../math/PreciseMathUtils.sol";
import {BondingStorage} from "./BondingStorage.sol";
import {BondingViews} from "./BondingViews.sol";
import {IBondingManager} from "./IBondingManager.sol";
import {IBondingVotes} from "./IBondingVotes.sol";
import {SortedDoublyLL} from "./SortedDoublyLL.sol";

/// @title BondingManager
/// @dev Split over six files: BondingStorage, ActiveSet (pool), Earnings (rewards and fees), Slashing, BondingViews, and
///      here who may do what.
contract BondingManager is BondingViews {
    using SortedDoublyLL for SortedDoublyLL.Data;

    /// @dev Neighbours in the pool of the delegate that loses stake and of the one that gains it.
    struct Hints {
        address oldPrev;
        address oldNext;
        address newPrev;
        address newNext;
    }

    modifier onlyTicketBroker() {
        require(msg.sender == _contract(TICKET_BROKER), "caller must be TicketBroker");
        _;
    }

    modifier onlyRoundsManager() {
        require(msg.sender == _contract(ROUNDS_MANAGER), "caller must be RoundsManager");
        _;
    }

    constructor(address _controller) BondingStorage(_controller) {}

    // Arguments named alone in a statement exist for callers of older versions only and are not used.

    // Controller owner

    /// @inheritdoc IBondingManager
    function setUnbondingPeriod(uint64 _unbondingPeriod) external onlyControllerOwner {
        unbondingPeriod = _unbondingPeriod;
        emit ParameterUpdate("unbondingPeriod");
    }

    /// @inheritdoc IBondingManager
    function setNumActiveTranscoders(uint256 _numActiveTranscoders) external onlyControllerOwner {
        transcoderPool.setMaxSize(_numActiveTranscoders);
        emit ParameterUpdate("numActiveTranscoders");
    }

    /// @inheritdoc IBondingManager
    function setTreasuryRewardCutRate(uint256 _cutRate) external onlyControllerOwner {
        require(PreciseMathUtils.validPerc(_cutRate), "_cutRate is invalid precise percentage");
        _setNextTreasuryRewardCutRate(_cutRate);
    }

    /// @inheritdoc IBondingManager
    function setTreasuryBalanceCeiling(uint256 _ceiling) external onlyControllerOwner {
        treasuryBalanceCeiling = _ceiling;
        emit ParameterUpdate("treasuryBalanceCeiling");
    }

    // Transcoders

    /// @inheritdoc IBondingManager
    function transcoder(uint256 _rewardCut, uint256 _feeShare) external {
        transcoderWithHint(_rewardCut, _feeShare, address(0), address(0));
    }

    /// @inheritdoc IBondingManager
    function transcoderWithHint(uint256 _rewardCut, uint256 _feeShare, address _newPosPrev, address _newPosNext)
        public
    {
        uint256 round = _requireUsableRound();
        require(!_roundsManager().currentRoundLocked(), "can't update transcoder params, current round is locked");
        require(MathUtils.validPerc(_rewardCut), "invalid rewardCut percentage");
        require(MathUtils.validPerc(_feeShare), "invalid feeShare percentage");
        require(_isRegistered(msg.sender), "transcoder must be registered");

        // Terms must not change between a round's start, when delegators could see them, and its reward.
        Transcoder storage t = transcoders[msg.sender];
        require(
            !_isActive(msg.sender, round) || t.lastRewardRound == round,
            "caller can't be active or must have already called reward for the current round"
        );
        t.rewardCut = _rewardCut;
        t.feeShare = _feeShare;

        if (!transcoderPool.contains(msg.sender)) {
            _tryToJoin(msg.sender, delegators[msg.sender].delegatedAmount, round + 1, _newPosPrev, _newPosNext);
        }
        emit TranscoderUpdate(msg.sender, _rewardCut, _feeShare);
    }

    /// @inheritdoc IBondingManager
    function reward() external {
        rewardWithHint(address(0), address(0));
    }

    /// @inheritdoc IBondingManager
    function rewardWithHint(address _newPosPrev, address _newPosNext) public {
        _reward(msg.sender, _requireUsableRound(), _newPosPrev, _newPosNext);
    }

    /// @inheritdoc IBondingManager
    function setRewardCaller(address _rewardCaller) external whenSystemNotPaused {
        transcoderToRewardCaller[msg.sender] = _rewardCaller;
        emit RewardCallerSet(msg.sender, _rewardCaller);
    }

    /// @inheritdoc IBondingManager
    function rewardForTranscoder(address _transcoder) external {
        rewardForTranscoderWithHint(_transcoder, address(0), address(0));
    }

    /// @inheritdoc IBondingManager
    function rewardForTranscoderWithHint(address _transcoder, address _newPosPrev, address _newPosNext) public {
        uint256 round = _requireUsableRound();
        require(transcoderToRewardCaller[_transcoder] == msg.sender, "caller must be reward caller of transcoder");
        _reward(_transcoder, round, _newPosPrev, _newPosNext);
    }

    // Delegators

    /// @inheritdoc IBondingManager
    function bond(uint256 _amount, address _to) external {
        _bond(_amount, msg.sender, _to, Hints(address(0), address(0), address(0), address(0)));
    }

    /// @inheritdoc IBondingManager
    function bondWithHint(
        uint256 _amount,
        address _to,
        address _oldDelegateNewPosPrev,
        address _oldDelegateNewPosNext,
        address _currDelegateNewPosPrev,
        address _currDelegateNewPosNext
    ) external {
        Hints memory hints = Hints(
            _oldDelegateNewPosPrev, _oldDelegateNewPosNext, _currDelegateNewPosPrev, _currDelegateNewPosNext
        );
        _bond(_amount, msg.sender, _to, hints);
    }

    /// @inheritdoc IBondingManager
    function bondForWithHint(
        uint256 _amount,
        address _owner,
        address _to,
        address _oldDelegateNewPosPrev,
        address _oldDelegateNewPosNext,
        address _currDelegateNewPosPrev,
        address _currDelegateNewPosNext
    ) external {
        Hints memory hints = Hints(
            _oldDelegateNewPosPrev, _oldDelegateNewPosNext, _currDelegateNewPosPrev, _currDelegateNewPosNext
        );
        _bond(_amount, _owner, _to, hints);
    }

    /// @inheritdoc IBondingManager
    function unbond(uint256 _amount) external {
        unbondWithHint(_amount, address(0), address(0));
    }

    /// @inheritdoc IBondingManager
    function unbondWithHint(uint256 _amount, address _newPosPrev, address _newPosNext) public {
        uint256 round = _requireUsableRound();
        _claimEarnings(msg.sender, round);
        _unbond(_amount, round, _newPosPrev, _newPosNext);
    }

    /// @inheritdoc IBondingManager
    function rebond(uint256 _unbondingLockId) external {
        rebondWithHint(_unbondingLockId, address(0), address(0));
    }

    /// @inheritdoc IBondingManager
    function rebondWithHint(uint256 _unbondingLockId, address _newPosPrev, address _newPosNext) public {
        uint256 round = _requireUsableRound();
        _requireNotFrozen(msg.sender);
        _claimEarnings(msg.sender, round);
        require(delegators[msg.sender].bondedAmount > 0, "caller must be bonded");
        _rebond(msg.sender, _unbondingLockId, round, _newPosPrev, _newPosNext);
    }

    /// @inheritdoc IBondingManager
    function rebondFromUnbonded(address _to, uint256 _unbondingLockId) external {
        rebondFromUnbondedWithHint(_to, _unbondingLockId, address(0), address(0));
    }

    /// @inheritdoc IBondingManager
    function rebondFromUnbondedWithHint(address _to, uint256 _unbondingLockId, address _newPosPrev, address _newPosNext)
        public
    {
        uint256 round = _requireUsableRound();
        _requireNotFrozen(msg.sender);
        _claimEarnings(msg.sender, round);
        Delegator storage del = delegators[msg.sender];
        require(del.bondedAmount == 0, "caller must be unbonded");

        // Without factors of this round the next claim would start from the factor 1 and invent earnings.
        _ensureFactors(_to, round);
        del.startRound = round + 1;
        del.delegateAddress = _to;
        _rebond(msg.sender, _unbondingLockId, round, _newPosPrev, _newPosNext);
    }

    /// @inheritdoc IBondingManager
    function transferBond(
        address _delegator,
        uint256 _amount,
        address _oldDelegateNewPosPrev,
        address _oldDelegateNewPosNext,
        address _newDelegateNewPosPrev,
        address _newDelegateNewPosNext
    ) external {
        uint256 round = _requireUsableRound();
        _requireTransferable(msg.sender, round);
        _authorizeClaimFor(_delegator, round);
        _claimEarnings(msg.sender, round);

        // Unbonding everything clears the delegate, which the receiver may need.
        address senderDelegate = delegators[msg.sender].delegateAddress;
        _unbond(_amount, round, _oldDelegateNewPosPrev, _oldDelegateNewPosNext);
        uint256 lockId = _moveLastLock(_delegator, _amount);

        _claimEarnings(_delegator, round);
        Delegator storage receiver = delegators[_delegator];
        if (receiver.bondedAmount == 0) {
            if (receiver.delegateAddress == address(0)) {
                // A transcoder cannot make another account a transcoder, nor give stake to nobody.
                require(senderDelegate != _delegator && _delegator != address(0), "INVALID_DELEGATOR");
                receiver.delegateAddress = senderDelegate;
            }
            receiver.startRound = round + 1;
        }
        _rebond(_delegator, lockId, round, _newDelegateNewPosPrev, _newDelegateNewPosNext);
    }

    /// @inheritdoc IBondingManager
    function withdrawStake(uint256 _unbondingLockId) external {
        uint256 round = _requireUsableRound();
        _requireNotFrozen(msg.sender);
        Delegator storage del = delegators[msg.sender];
        UnbondingLock memory lock = _takeLock(del, _unbondingLockId);
        require(lock.withdrawRound <= round, "withdraw round must be before or equal to the current round");

        _minter().trustedTransferTokens(msg.sender, lock.amount);
        emit WithdrawStake(msg.sender, _unbondingLockId, lock.amount, lock.withdrawRound);
    }

    /// @inheritdoc IBondingManager
    function withdrawFees(address payable _recipient, uint256 _amount) external {
        uint256 round = _requireUsableRound();
        _claimEarnings(msg.sender, round);
        require(_recipient != address(0), "invalid recipient");
        Delegator storage del = delegators[msg.sender];
        uint256 fees = del.fees;
        require(fees >= _amount, "insufficient fees to withdraw");

        del.fees = fees - _amount;
        _minter().trustedWithdrawETH(_recipient, _amount);
        emit WithdrawFees(msg.sender, _recipient, _amount);
        _checkpoint(msg.sender, round);
    }

    /// @inheritdoc IBondingManager
    function claimEarnings(uint256 _endRound) external {
        _endRound;
        uint256 round = _requireUsableRound();
        _claimEarnings(msg.sender, round);
        _checkpoint(msg.sender, round);
    }

    /// @inheritdoc IBondingManager
    function checkpointBondingState(address _account) external {
        _checkpoint(_account, _roundsManager().currentRound());
    }

    // Protocol contracts

    /// @inheritdoc IBondingManager
    function updateTranscoderWithFees(address _transcoder, uint256 _fees, uint256 _round)
        external
        whenSystemNotPaused
        onlyTicketBroker
    {
        _round;
        // An inactive transcoder could have shrunk its stake to enlarge the fee factor.
        uint256 round = _roundsManager().currentRound();
        require(_isActive(_transcoder, round), "transcoder must be active");
        _addFees(_transcoder, _fees, round);
    }

    /// @inheritdoc IBondingManager
    function setCurrentRoundTotalActiveStake() external onlyRoundsManager {
        uint256 stake = nextRoundTotalActiveStake;
        currentRoundTotalActiveStake = stake;

        uint256 nextCutRate = nextRoundTreasuryRewardCutRate;
        if (treasuryRewardCutRate != nextCutRate) {
            treasuryRewardCutRate = nextCutRate;
            emit ParameterUpdate("treasuryRewardCutRate");
        }
        IBondingVotes(_contract(BONDING_VOTES)).checkpointTotalActiveStake(stake, _roundsManager().currentRound());
    }

    // Internal

    function _bond(uint256 amount, address owner, address to, Hints memory hints) private {
        uint256 round = _requireUsableRound();
        _authorizeClaimFor(owner, round);
        _claimEarnings(owner, round);
        _requireRewardedIfLeaving(to, round);

        Delegator storage del = delegators[owner];
        address oldDelegate = del.delegateAddress;
        uint256 bonded = del.bondedAmount;
        if (msg.sender != owner && msg.sender != _contract(L2_MIGRATOR)) {
            _checkThirdParty(owner, to, oldDelegate, bonded);
        }

        uint256 moved = amount;
        if (bonded == 0) {
            del.startRound = round + 1;
        } else if (oldDelegate != to) {
            require(!_isRegistered(owner), "registered transcoders can't delegate towards other addresses");
            del.startRound = round + 1;
            moved += bonded;
            _decreaseTotalStake(oldDelegate, bonded, round, hints.oldPrev, hints.oldNext);
            _checkpoint(oldDelegate, round);
        }

        // Without factors of this round the next claim would start from the factor 1 and invent earnings.
        _ensureFactors(to, round);
        require(moved > 0, "delegation amount must be greater than 0");

        bonded += amount;
        del.delegateAddress = to;
        del.bondedAmount = bonded;
        _increaseTotalStake(to, moved, round, hints.newPrev, hints.newNext);
        if (to != owner) _checkpoint(to, round);

        if (amount > 0) _livepeerToken().transferFrom(msg.sender, _contract(MINTER), amount);
        emit Bond(to, oldDelegate, owner, amount, bonded);
        _checkpoint(owner, round);
    }

    /// @dev Third parties may add to a delegation or start one, but not choose for the owner beyond that.
    function _checkThirdParty(address owner, address to, address oldDelegate, uint256 bonded) private pure {
        require(owner != address(0), "INVALID_DELEGATOR");
        if (bonded == 0) require(to != owner, "INVALID_DELEGATE");
        else require(oldDelegate == to, "INVALID_DELEGATE_CHANGE");
    }

    function _unbond(uint256 amount, uint256 round, address posPrev, address posNext) private {
        Delegator storage del = delegators[msg.sender];
        require(_status(del, round) == DelegatorStatus.Bonded, "caller must be bonded");
        require(amount > 0, "unbond amount must be greater than 0");
        uint256 bonded = del.bondedAmount;
        require(amount <= bonded, "amount is greater than bonded amount");

        address delegate = del.delegateAddress;
        uint256 lockId = del.nextUnbondingLockId;
        uint256 withdrawRound = round + unbondingPeriod;
        del.unbondingLocks[lockId] = UnbondingLock(amount, withdrawRound);
        del.nextUnbondingLockId = lockId + 1;
        del.bondedAmount = bonded - amount;

        if (amount == bonded) {
            del.delegateAddress = address(0);
            del.startRound = 0;
            if (transcoderPool.contains(msg.sender)) _resign(msg.sender, round);
        }

        _decreaseTotalStake(delegate, amount, round, posPrev, posNext);
        if (delegate != msg.sender) _checkpoint(delegate, round);
        emit Unbond(delegate, msg.sender, lockId, amount, withdrawRound);
        _checkpoint(msg.sender, round);
    }

    /// @dev Returns a lock of `account` to its stake with its delegate.
    function _rebond(address account, uint256 lockId, uint256 round, address posPrev, address posNext) private {
        Delegator storage del = delegators[account];
        uint256 amount = _takeLock(del, lockId).amount;
        address delegate = del.delegateAddress;
        del.bondedAmount += amount;
        _requireRewardedIfLeaving(delegate, round);

        _increaseTotalStake(delegate, amount, round, posPrev, posNext);
        if (delegate != account) _checkpoint(delegate, round);
        emit Rebond(delegate, account, lockId, amount);
        _checkpoint(account, round);
    }

    function _takeLock(Delegator storage del, uint256 lockId) private returns (UnbondingLock memory lock) {
        lock = del.unbondingLocks[lockId];
        require(lock.withdrawRound > 0, "invalid unbonding lock ID");
        delete del.unbondingLocks[lockId];
    }

    /// @dev Hands the caller's newest lock to `receiver` and returns its id there.
    function _moveLastLock(address receiver, uint256 amount) private returns (uint256 newId) {
        Delegator storage from = delegators[msg.sender];
        Delegator storage to = delegators[receiver];
        uint256 oldId = from.nextUnbondingLockId - 1;
        UnbondingLock memory lock = _takeLock(from, oldId);
        newId = to.nextUnbondingLockId;
        to.nextUnbondingLockId = newId + 1;
        to.unbondingLocks[newId] = lock;
        emit TransferBond(msg.sender, receiver, oldId, newId, amount);
    }

    /// @dev Claiming before the delegate's reward forfeits that reward, so nobody may cause it for somebody else.
    function _authorizeClaimFor(address owner, uint256 round) private view {
        if (msg.sender == owner) return;
        Delegator storage del = delegators[owner];
        if (del.bondedAmount == 0 || del.lastClaimRound == round) return;
        address delegate = del.delegateAddress;
        if (!_isActive(delegate, round) || transcoders[delegate].lastRewardRound == round) return;
        require(msg.sender == _contract(L2_MIGRATOR), "ILLEGAL_CLAIM_EARNINGS");
    }

    /// @dev A transcoder on its way out has its stake recorded for the round that ends; stake that arrives before its
    ///      reward could re-enter it in the pool and let it earn on a stake it did not have.
    function _requireRewardedIfLeaving(address account, uint256 round) private view {
        Transcoder storage t = transcoders[account];
        if (t.deactivationRound == MAX_FUTURE_ROUND || !_isActive(account, round)) return;
        require(t.lastRewardRound == round, "transcoder has not yet called reward for the current round");
    }
}
