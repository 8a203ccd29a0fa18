// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "./ITicketBroker.sol";
import {Reserves} from "./Reserves.sol";

/// @title Senders
/// @notice How senders pay in, ask for their money back and get it.
/// @dev The ETH itself lies in the Minter; here is only the account of it.
abstract contract Senders is Reserves {
    mapping(address => Sender) internal senders;

    /// @inheritdoc ITicketBroker
    uint256 public override unlockPeriod;

    modifier checkDepositReserveETHValueSplit(uint256 depositAmount, uint256 reserveAmount) {
        require(
            msg.value == depositAmount + reserveAmount,
            "msg.value does not equal sum of deposit amount and reserve amount"
        );
        _;
    }

    /// @inheritdoc ITicketBroker
    function setUnlockPeriod(uint256 _unlockPeriod) external onlyControllerOwner {
        unlockPeriod = _unlockPeriod;
        emit ParameterUpdate("unlockPeriod");
    }

    /// @inheritdoc ITicketBroker
    function fundDeposit() external payable whenSystemNotPaused {
        _addDeposit(msg.sender, msg.value);
        _minter().depositETH{value: msg.value}();
        emit DepositFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ITicketBroker
    function fundReserve() external payable whenSystemNotPaused {
        _addReserve(msg.sender, msg.value);
        _minter().depositETH{value: msg.value}();
        emit ReserveFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ITicketBroker
    function fundDepositAndReserve(uint256 _depositAmount, uint256 _reserveAmount)
        external
        payable
        whenSystemNotPaused
        checkDepositReserveETHValueSplit(_depositAmount, _reserveAmount)
    {
        _fundDepositAndReserve(msg.sender, _depositAmount, _reserveAmount);
    }

    /// @inheritdoc ITicketBroker
    function fundDepositAndReserveFor(address _addr, uint256 _depositAmount, uint256 _reserveAmount)
        external
        payable
        whenSystemNotPaused
        checkDepositReserveETHValueSplit(_depositAmount, _reserveAmount)
    {
        _fundDepositAndReserve(_addr, _depositAmount, _reserveAmount);
    }

    /// @inheritdoc ITicketBroker
    function unlock() external whenSystemNotPaused {
        Sender storage sender = senders[msg.sender];
        require(sender.deposit > 0 || reserves[msg.sender].funds > 0, "sender deposit and reserve are zero");
        require(sender.withdrawRound == 0, "unlock already initiated");

        uint256 round = _roundsManager().currentRound();
        uint256 withdrawRound = round + unlockPeriod;
        sender.withdrawRound = withdrawRound;
        emit Unlock(msg.sender, round, withdrawRound);
    }

    /// @inheritdoc ITicketBroker
    function cancelUnlock() external whenSystemNotPaused {
        require(senders[msg.sender].withdrawRound > 0, "no unlock request in progress");
        _cancelUnlock(msg.sender);
    }

    /// @inheritdoc ITicketBroker
    function withdraw() external whenSystemNotPaused {
        Sender storage sender = senders[msg.sender];
        Reserve storage reserve = reserves[msg.sender];
        uint256 deposit = sender.deposit;
        uint256 funds = reserve.funds;
        require(deposit > 0 || funds > 0, "sender deposit and reserve are zero");
        require(sender.withdrawRound > 0, "no unlock request in progress");
        require(_roundsManager().currentRound() >= sender.withdrawRound, "account is locked");

        // The withdraw round stays: tickets of an unlocked sender must not be redeemable just because money is back.
        sender.deposit = 0;
        reserve.funds = 0;
        _minter().trustedWithdrawETH(payable(msg.sender), deposit + funds);
        emit Withdrawal(msg.sender, deposit, funds);
    }

    /// @inheritdoc ITicketBroker
    function getSenderInfo(address _sender) external view returns (Sender memory sender, ReserveInfo memory reserve) {
        sender = senders[_sender];
        reserve = getReserveInfo(_sender);
    }

    /// @inheritdoc ITicketBroker
    function isUnlockInProgress(address _sender) external view returns (bool) {
        return senders[_sender].withdrawRound > 0;
    }

    function _fundDepositAndReserve(address account, uint256 depositAmount, uint256 reserveAmount) private {
        _addDeposit(account, depositAmount);
        _addReserve(account, reserveAmount);
        _minter().depositETH{value: msg.value}();
        emit ReserveFunded(account, reserveAmount);
        emit DepositFunded(account, depositAmount);
    }

    function _addDeposit(address account, uint256 amount) private {
        senders[account].deposit += amount;
        _cancelUnlockIfOwn(account);
    }

    function _addReserve(address account, uint256 amount) private {
        reserves[account].funds += amount;
        _cancelUnlockIfOwn(account);
    }

    /// @dev Only the sender's own funding cancels: otherwise anyone could keep it from ever withdrawing.
    function _cancelUnlockIfOwn(address account) private {
        if (account == msg.sender && senders[account].withdrawRound > 0) _cancelUnlock(account);
    }

    function _cancelUnlock(address account) private {
        senders[account].withdrawRound = 0;
        emit UnlockCancelled(account);
    }
}
