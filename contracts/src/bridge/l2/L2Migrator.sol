// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBondingManager} from "../../bonding/IBondingManager.sol";
import {ManagerProxyTarget} from "../../controller/ManagerProxyTarget.sol";
import {IMerkleSnapshot} from "../../governance/IMerkleSnapshot.sol";
import {ITicketBroker} from "../../tickets/ITicketBroker.sol";
import {IDelegatorPool} from "./IDelegatorPool.sol";
import {IL2Migrator} from "./IL2Migrator.sol";
import {L2ArbitrumMessenger} from "./L2ArbitrumMessenger.sol";

/// @title L2Migrator
contract L2Migrator is ManagerProxyTarget, L2ArbitrumMessenger, IL2Migrator {
    bytes32 private constant BONDING_MANAGER = keccak256("BondingManager");
    bytes32 private constant TICKET_BROKER = keccak256("TicketBroker");
    bytes32 private constant MERKLE_SNAPSHOT = keccak256("MerkleSnapshot");
    bytes32 private constant LIVEPEER_TOKEN = keccak256("LivepeerToken");
    /// @dev Under which the snapshot of layer 1 stake stands in MerkleSnapshot.
    bytes32 private constant SNAPSHOT_ID = keccak256("LIP-73");

    /// @inheritdoc IL2Migrator
    address public override bondingManagerAddr;
    /// @inheritdoc IL2Migrator
    address public override ticketBrokerAddr;
    /// @inheritdoc IL2Migrator
    address public override merkleSnapshotAddr;
    /// @inheritdoc IL2Migrator
    address public override tokenAddr;
    /// @inheritdoc IL2Migrator
    address public override l1MigratorAddr;
    /// @inheritdoc IL2Migrator
    address public override delegatorPoolImpl;
    /// @inheritdoc IL2Migrator
    bool public override claimStakeEnabled;
    /// @inheritdoc IL2Migrator
    mapping(address => bool) public override migratedDelegators;
    /// @inheritdoc IL2Migrator
    mapping(address => address) public override delegatorPools;
    /// @inheritdoc IL2Migrator
    mapping(address => uint256) public override claimedDelegatedStake;
    /// @inheritdoc IL2Migrator
    mapping(address => mapping(uint256 => bool)) public override migratedUnbondingLocks;
    /// @inheritdoc IL2Migrator
    mapping(address => bool) public override migratedSenders;

    /// @param _controller Registry with the collaborators
    constructor(address _controller) ManagerProxyTarget(_controller) {}

    /// @dev ETH of deposits, reserves and fees comes over in messages without a call.
    receive() external payable {}

    // Controller owner

    /// @inheritdoc IL2Migrator
    function initialize(address _l1MigratorAddr, address _delegatorPoolImpl) external onlyControllerOwner {
        l1MigratorAddr = _l1MigratorAddr;
        delegatorPoolImpl = _delegatorPoolImpl;
        syncControllerContracts();
    }

    /// @inheritdoc IL2Migrator
    function setL1Migrator(address _l1MigratorAddr) external onlyControllerOwner {
        l1MigratorAddr = _l1MigratorAddr;
        emit L1MigratorUpdate(_l1MigratorAddr);
    }

    /// @inheritdoc IL2Migrator
    function setDelegatorPoolImpl(address _delegatorPoolImpl) external onlyControllerOwner {
        delegatorPoolImpl = _delegatorPoolImpl;
        emit DelegatorPoolImplUpdate(_delegatorPoolImpl);
    }

    /// @inheritdoc IL2Migrator
    function setClaimStakeEnabled(bool _enabled) external onlyControllerOwner {
        claimStakeEnabled = _enabled;
        emit ClaimStakeEnabled(_enabled);
    }

    // L1Migrator

    /// @inheritdoc IL2Migrator
    function finalizeMigrateDelegator(MigrateDelegatorParams calldata _params)
        external
        onlyL1Counterpart(l1MigratorAddr)
    {
        require(!migratedDelegators[_params.l1Addr], "DELEGATOR_ALREADY_MIGRATED");
        migratedDelegators[_params.l1Addr] = true;

        if (_params.l1Addr == _params.delegate) {
            _bondFor(_params.stake, _params.l2Addr, _params.l2Addr);
            _createPool(_params);
        } else {
            _giveStake(_params.stake, _params.l2Addr, _params.delegate, _params.delegate);
        }
        claimedDelegatedStake[_params.delegate] += _params.stake;

        if (_params.fees > 0) {
            // All gas, because the receiver may be a contract; a message cannot be executed inside of another one.
            (bool ok,) = _params.l2Addr.call{value: _params.fees}("");
            require(ok, "FINALIZE_DELEGATOR:FAIL_FEE");
        }
        emit MigrateDelegatorFinalized(_params);
    }

    /// @inheritdoc IL2Migrator
    function finalizeMigrateUnbondingLocks(MigrateUnbondingLocksParams calldata _params)
        external
        onlyL1Counterpart(l1MigratorAddr)
    {
        for (uint256 i = 0; i < _params.unbondingLockIds.length; i++) {
            uint256 id = _params.unbondingLockIds[i];
            require(!migratedUnbondingLocks[_params.l1Addr][id], "UNBONDING_LOCK_ALREADY_MIGRATED");
            migratedUnbondingLocks[_params.l1Addr][id] = true;
        }
        _bondFor(_params.total, _params.l2Addr, _params.delegate);
        emit MigrateUnbondingLocksFinalized(_params);
    }

    /// @inheritdoc IL2Migrator
    function finalizeMigrateSender(MigrateSenderParams calldata _params) external onlyL1Counterpart(l1MigratorAddr) {
        require(!migratedSenders[_params.l1Addr], "SENDER_ALREADY_MIGRATED");
        migratedSenders[_params.l1Addr] = true;
        ITicketBroker(ticketBrokerAddr).fundDepositAndReserveFor{value: _params.deposit + _params.reserve}(
            _params.l2Addr, _params.deposit, _params.reserve
        );
        emit MigrateSenderFinalized(_params);
    }

    // Delegators

    /// @inheritdoc IL2Migrator
    function claimStake(
        address _delegate,
        uint256 _stake,
        uint256 _fees,
        bytes32[] calldata _proof,
        address _newDelegate
    ) external {
        require(claimStakeEnabled, "CLAIM_STAKE_DISABLED");
        require(!migratedDelegators[msg.sender], "CLAIM_STAKE:ALREADY_MIGRATED");
        bytes32 leaf = keccak256(abi.encodePacked(msg.sender, _delegate, _stake, _fees));
        bool known = IMerkleSnapshot(merkleSnapshotAddr).verify(SNAPSHOT_ID, _proof, leaf);
        require(known, "CLAIM_STAKE:INVALID_PROOF");
        migratedDelegators[msg.sender] = true;

        // Without a delegate there was no stake, only fees.
        if (_delegate != address(0)) {
            claimedDelegatedStake[_delegate] += _stake;
            _giveStake(_stake, msg.sender, _delegate, _newDelegate == address(0) ? _delegate : _newDelegate);
        }
        // The bare stipend will do, because the snapshot has no contracts.
        if (_fees > 0) payable(msg.sender).transfer(_fees);
        emit StakeClaimed(msg.sender, _delegate, _stake, _fees);
    }

    // Anyone

    /// @inheritdoc IL2Migrator
    function syncControllerContracts() public {
        bondingManagerAddr = _sync(BONDING_MANAGER, bondingManagerAddr);
        ticketBrokerAddr = _sync(TICKET_BROKER, ticketBrokerAddr);
        merkleSnapshotAddr = _sync(MERKLE_SNAPSHOT, merkleSnapshotAddr);
        tokenAddr = _sync(LIVEPEER_TOKEN, tokenAddr);
    }

    function _sync(bytes32 id, address known) private returns (address current) {
        current = _contract(id);
        if (current != known) emit ControllerContractUpdate(id, current);
    }

    /// @dev Puts aside what was delegated to a transcoder and was not claimed before it came.
    function _createPool(MigrateDelegatorParams calldata _params) private {
        uint256 delegated = _params.delegatedStake - _params.stake;
        uint256 unclaimed = delegated - claimedDelegatedStake[_params.l1Addr];
        // A pool of nothing would have to be bonded to with nothing, which fails.
        if (unclaimed == 0) return;

        address pool = Clones.clone(delegatorPoolImpl);
        delegatorPools[_params.l1Addr] = pool;
        _bondFor(unclaimed, pool, _params.l2Addr);
        IDelegatorPool(pool).initialize(bondingManagerAddr);
        emit DelegatorPoolCreated(_params.l1Addr, pool);
    }

    /// @dev From the pool of the layer 1 delegate if that has one, else from this contract's own tokens.
    function _giveStake(uint256 amount, address owner, address l1Delegate, address delegate) private {
        address pool = delegatorPools[l1Delegate];
        if (pool != address(0)) IDelegatorPool(pool).claim(owner, amount);
        else _bondFor(amount, owner, delegate);
    }

    function _bondFor(uint256 amount, address owner, address to) private {
        address bonding = bondingManagerAddr;
        IERC20(tokenAddr).approve(bonding, amount);
        IBondingManager(bonding).bondForWithHint(amount, owner, to, address(0), address(0), address(0), address(0));
    }
}
