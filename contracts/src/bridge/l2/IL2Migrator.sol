// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMigrator} from "../IMigrator.sol";

/// @title Gives accounts on layer 2 what they had on layer 1
/// @notice Holds the LPT and the ETH that came over until they are claimed.
interface IL2Migrator is IMigrator {
    /// @notice Messages now come from another L1Migrator.
    event L1MigratorUpdate(address _l1MigratorAddr);

    /// @notice A collaborator's address was read from the Controller and is a new one.
    event ControllerContractUpdate(bytes32 id, address addr);

    /// @notice Stake and fees were given.
    event MigrateDelegatorFinalized(MigrateDelegatorParams params);

    /// @notice The tokens of unbonding locks were given.
    event MigrateUnbondingLocksFinalized(MigrateUnbondingLocksParams params);

    /// @notice Deposit and reserve were given.
    event MigrateSenderFinalized(MigrateSenderParams params);

    /// @notice Pools are now copies of another contract.
    event DelegatorPoolImplUpdate(address _delegatorPoolImpl);

    /// @notice What was delegated to `l1Addr` waits in a pool.
    event DelegatorPoolCreated(address indexed l1Addr, address delegatorPool);

    /// @notice Stake can now be claimed with a proof, or no more.
    event ClaimStakeEnabled(bool _enabled);

    /// @notice Stake and fees were claimed with a proof.
    event StakeClaimed(address indexed delegator, address delegate, uint256 stake, uint256 fees);

    /// @notice Sets L1Migrator and pool code and reads the collaborators from the Controller. Controller owner only.
    function initialize(address _l1MigratorAddr, address _delegatorPoolImpl) external;

    /// @notice Sets the L1Migrator. Controller owner only.
    function setL1Migrator(address _l1MigratorAddr) external;

    /// @notice Sets the contract that pools are copies of. Controller owner only.
    function setDelegatorPoolImpl(address _delegatorPoolImpl) external;

    /// @notice Lets stake be claimed with a proof, or no more. Controller owner only.
    function setClaimStakeEnabled(bool _enabled) external;

    /// @notice Bonds the stake and pays the fees of a delegator, once. Only by a message of the L1Migrator.
    /// @dev What is delegated to a transcoder waits in a pool; its delegators get theirs out of it when they migrate.
    function finalizeMigrateDelegator(MigrateDelegatorParams calldata _params) external;

    /// @notice Bonds the tokens of unbonding locks, each lock once. Only by a message of the L1Migrator.
    function finalizeMigrateUnbondingLocks(MigrateUnbondingLocksParams calldata _params) external;

    /// @notice Funds deposit and reserve of a sender, once. Only by a message of the L1Migrator.
    function finalizeMigrateSender(MigrateSenderParams calldata _params) external;

    /// @notice Bonds the caller's stake and pays its fees, if they stand in the snapshot and it has not migrated.
    /// @param _delegate Whom the caller was bonded to on layer 1
    /// @param _proof Merkle proof that the snapshot has the caller, `_delegate`, `_stake` and `_fees`
    /// @param _newDelegate Whom to bond to instead, where no pool holds the stake; zero for `_delegate`
    function claimStake(
        address _delegate,
        uint256 _stake,
        uint256 _fees,
        bytes32[] calldata _proof,
        address _newDelegate
    ) external;

    /// @notice Reads the collaborators from the Controller. Anyone may.
    function syncControllerContracts() external;

    /// @notice BondingManager at the last reading.
    function bondingManagerAddr() external view returns (address);

    /// @notice TicketBroker at the last reading.
    function ticketBrokerAddr() external view returns (address);

    /// @notice MerkleSnapshot at the last reading.
    function merkleSnapshotAddr() external view returns (address);

    /// @notice LPT at the last reading.
    function tokenAddr() external view returns (address);

    /// @notice Whose messages are listened to.
    function l1MigratorAddr() external view returns (address);

    /// @notice The contract that pools are copies of.
    function delegatorPoolImpl() external view returns (address);

    /// @notice Whether stake can be claimed with a proof.
    function claimStakeEnabled() external view returns (bool);

    /// @notice Whether a layer 1 account has its stake.
    function migratedDelegators(address) external view returns (bool);

    /// @notice The pool with the stake that was delegated to a layer 1 account.
    function delegatorPools(address) external view returns (address);

    /// @notice Stake that the delegators of a layer 1 account have got already.
    function claimedDelegatedStake(address) external view returns (uint256);

    /// @notice Whether an unbonding lock of a layer 1 account was given.
    function migratedUnbondingLocks(address, uint256) external view returns (bool);

    /// @notice Whether a layer 1 account has its deposit and reserve.
    function migratedSenders(address) external view returns (bool);
}
