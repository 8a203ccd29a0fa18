// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/security/Pausable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBondingManager} from "../../bonding/IBondingManager.sol";
import {ITicketBroker} from "../../tickets/ITicketBroker.sol";
import {IL2Migrator} from "../l2/IL2Migrator.sol";
import {IBridgeMinter} from "./IBridgeMinter.sol";
import {IL1LPTGateway} from "./IL1LPTGateway.sol";
import {IL1Migrator} from "./IL1Migrator.sol";
import {L1ArbitrumMessenger} from "./L1ArbitrumMessenger.sol";
import {MigrationSignatures} from "./MigrationSignatures.sol";

/// @title L1Migrator
contract L1Migrator is L1ArbitrumMessenger, MigrationSignatures, AccessControl, Pausable, IL1Migrator {
    /// @dev Old BondingManagers reckon up to the current round from any round after their last upgrade.
    uint256 private constant CURRENT_ROUND = type(uint256).max;

    /// @inheritdoc IL1Migrator
    address public immutable override bondingManagerAddr;
    /// @inheritdoc IL1Migrator
    address public immutable override ticketBrokerAddr;
    /// @inheritdoc IL1Migrator
    address public immutable override tokenAddr;
    /// @inheritdoc IL1Migrator
    address public immutable override l1LPTGatewayAddr;
    /// @inheritdoc IL1Migrator
    address public override bridgeMinterAddr;
    /// @inheritdoc IL1Migrator
    address public override l2MigratorAddr;

    /// @dev The deployer administers the migration, which starts paused.
    constructor(
        address _inbox,
        address _bondingManagerAddr,
        address _ticketBrokerAddr,
        address _tokenAddr,
        address _l1LPTGatewayAddr,
        address _l2MigratorAddr
    ) L1ArbitrumMessenger(_inbox) {
        _grantRole(DEFAULT_ADMIN_ROLE, msg.sender);
        bondingManagerAddr = _bondingManagerAddr;
        ticketBrokerAddr = _ticketBrokerAddr;
        tokenAddr = _tokenAddr;
        l1LPTGatewayAddr = _l1LPTGatewayAddr;
        l2MigratorAddr = _l2MigratorAddr;
        _pause();
    }

    /// @dev The BridgeMinter's ETH passes through here.
    receive() external payable {}

    // Administrator

    /// @inheritdoc IL1Migrator
    function setL2Migrator(address _l2MigratorAddr) external onlyRole(DEFAULT_ADMIN_ROLE) {
        l2MigratorAddr = _l2MigratorAddr;
        emit L2MigratorUpdate(_l2MigratorAddr);
    }

    /// @inheritdoc IL1Migrator
    function setBridgeMinter(address _bridgeMinterAddr) external onlyRole(DEFAULT_ADMIN_ROLE) {
        bridgeMinterAddr = _bridgeMinterAddr;
        emit BridgeMinterUpdate(_bridgeMinterAddr);
    }

    /// @inheritdoc IL1Migrator
    function pause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _pause();
    }

    /// @inheritdoc IL1Migrator
    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    /// @inheritdoc IL1Migrator
    function migrateLPT(uint256 _maxGas, uint256 _gasPriceBid, uint256 _maxSubmissionCost)
        external
        payable
        whenNotPaused
        onlyRole(DEFAULT_ADMIN_ROLE)
    {
        uint256 amount = IBridgeMinter(bridgeMinterAddr).withdrawLPTToL1Migrator();
        IERC20(tokenAddr).approve(l1LPTGatewayAddr, amount);
        IL1LPTGateway(l1LPTGatewayAddr).outboundTransfer{value: msg.value}(
            tokenAddr, l2MigratorAddr, amount, _maxGas, _gasPriceBid, abi.encode(_maxSubmissionCost, bytes(""))
        );
    }

    // The account, or whoever has its signature

    /// @inheritdoc IL1Migrator
    function migrateDelegator(
        address _l1Addr,
        address _l2Addr,
        bytes calldata _sig,
        uint256 _maxGas,
        uint256 _gasPriceBid,
        uint256 _maxSubmissionCost
    ) external payable whenNotPaused {
        _requireAuthorized(_l1Addr, _l2Addr, _delegatorHash(_l1Addr, _l2Addr), _sig);
        (bytes memory data, MigrateDelegatorParams memory params) = getMigrateDelegatorParams(_l1Addr, _l2Addr);
        uint256 seqNo = _sendTxToL2(l2MigratorAddr, _l2Addr, _maxSubmissionCost, _maxGas, _gasPriceBid, data);
        emit MigrateDelegatorInitiated(seqNo, params);
    }

    /// @inheritdoc IL1Migrator
    function migrateUnbondingLocks(
        address _l1Addr,
        address _l2Addr,
        uint256[] calldata _unbondingLockIds,
        bytes calldata _sig,
        uint256 _maxGas,
        uint256 _gasPriceBid,
        uint256 _maxSubmissionCost
    ) external payable whenNotPaused {
        _requireAuthorized(_l1Addr, _l2Addr, _unbondingLocksHash(_l1Addr, _l2Addr, _unbondingLockIds), _sig);
        (bytes memory data, MigrateUnbondingLocksParams memory params) =
            getMigrateUnbondingLocksParams(_l1Addr, _l2Addr, _unbondingLockIds);
        uint256 seqNo = _sendTxToL2(l2MigratorAddr, _l2Addr, _maxSubmissionCost, _maxGas, _gasPriceBid, data);
        emit MigrateUnbondingLocksInitiated(seqNo, params);
    }

    /// @inheritdoc IL1Migrator
    function migrateSender(
        address _l1Addr,
        address _l2Addr,
        bytes calldata _sig,
        uint256 _maxGas,
        uint256 _gasPriceBid,
        uint256 _maxSubmissionCost
    ) external payable whenNotPaused {
        _requireAuthorized(_l1Addr, _l2Addr, _senderHash(_l1Addr, _l2Addr), _sig);
        (bytes memory data, MigrateSenderParams memory params) = getMigrateSenderParams(_l1Addr, _l2Addr);
        uint256 seqNo = _sendTxToL2(l2MigratorAddr, _l2Addr, _maxSubmissionCost, _maxGas, _gasPriceBid, data);
        emit MigrateSenderInitiated(seqNo, params);
    }

    // Anyone

    /// @inheritdoc IL1Migrator
    /// @dev Refunds go to this contract's alias, not to the caller: who gets the refunds may also cancel the message
    ///      on layer 2, and would then get the funds of everybody.
    function migrateETH(uint256 _maxGas, uint256 _gasPriceBid, uint256 _maxSubmissionCost)
        external
        payable
        whenNotPaused
    {
        uint256 amount = IBridgeMinter(bridgeMinterAddr).withdrawETHToL1Migrator();
        Ticket memory ticket = Ticket(msg.value + amount, amount, _maxSubmissionCost, _maxGas, _gasPriceBid);
        _sendTxToL2(l2MigratorAddr, address(this), ticket, "");
    }

    /// @inheritdoc IL1Migrator
    function getMigrateDelegatorParams(address _l1Addr, address _l2Addr)
        public
        view
        returns (bytes memory data, MigrateDelegatorParams memory params)
    {
        IBondingManager bondingManager = IBondingManager(bondingManagerAddr);
        params.l1Addr = _l1Addr;
        params.l2Addr = _l2Addr;
        params.stake = bondingManager.pendingStake(_l1Addr, CURRENT_ROUND);
        params.fees = bondingManager.pendingFees(_l1Addr, CURRENT_ROUND);
        (,, params.delegate, params.delegatedStake,,,) = bondingManager.getDelegator(_l1Addr);
        data = abi.encodeCall(IL2Migrator.finalizeMigrateDelegator, (params));
    }

    /// @inheritdoc IL1Migrator
    function getMigrateUnbondingLocksParams(address _l1Addr, address _l2Addr, uint256[] memory _unbondingLockIds)
        public
        view
        returns (bytes memory data, MigrateUnbondingLocksParams memory params)
    {
        IBondingManager bondingManager = IBondingManager(bondingManagerAddr);
        params.l1Addr = _l1Addr;
        params.l2Addr = _l2Addr;
        params.unbondingLockIds = _unbondingLockIds;
        for (uint256 i = 0; i < _unbondingLockIds.length; i++) {
            (uint256 amount,) = bondingManager.getDelegatorUnbondingLock(_l1Addr, _unbondingLockIds[i]);
            params.total += amount;
        }
        (,, params.delegate,,,,) = bondingManager.getDelegator(_l1Addr);
        data = abi.encodeCall(IL2Migrator.finalizeMigrateUnbondingLocks, (params));
    }

    /// @inheritdoc IL1Migrator
    function getMigrateSenderParams(address _l1Addr, address _l2Addr)
        public
        view
        returns (bytes memory data, MigrateSenderParams memory params)
    {
        (ITicketBroker.Sender memory sender, ITicketBroker.ReserveInfo memory reserve) =
            ITicketBroker(ticketBrokerAddr).getSenderInfo(_l1Addr);
        params = MigrateSenderParams(_l1Addr, _l2Addr, sender.deposit, reserve.fundsRemaining);
        data = abi.encodeCall(IL2Migrator.finalizeMigrateSender, (params));
    }
}
