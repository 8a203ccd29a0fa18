// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMigrator} from "../IMigrator.sol";

/// @title Tells layer 2 what an account has on layer 1
/// @notice The account calls itself, or somebody with its EIP-712 signature. The last three arguments of a migration
///         are those of the message: gas and wei per gas on layer 2, and the most that storing the message may cost.
/// @dev Nothing is written down here, so the same account can be announced twice; layer 2 takes each thing once.
interface IL1Migrator is IMigrator {
    /// @notice Stake and fees are on their way.
    event MigrateDelegatorInitiated(uint256 indexed seqNo, MigrateDelegatorParams params);

    /// @notice Unbonding locks are on their way.
    event MigrateUnbondingLocksInitiated(uint256 indexed seqNo, MigrateUnbondingLocksParams params);

    /// @notice Deposit and reserve are on their way.
    event MigrateSenderInitiated(uint256 indexed seqNo, MigrateSenderParams params);

    /// @notice Messages now go to another L2Migrator.
    event L2MigratorUpdate(address l2Migrator);

    /// @notice Funds now come from another BridgeMinter.
    event BridgeMinterUpdate(address bridgeMinter);

    /// @notice Sets the L2Migrator. Administrator only.
    function setL2Migrator(address _l2MigratorAddr) external;

    /// @notice Sets the BridgeMinter. Administrator only.
    function setBridgeMinter(address _bridgeMinterAddr) external;

    /// @notice Stops migrations. Administrator only.
    function pause() external;

    /// @notice Lets migrations begin or go on. Administrator only.
    function unpause() external;

    /// @notice Gives stake and fees of `_l1Addr` to `_l2Addr`.
    function migrateDelegator(
        address _l1Addr,
        address _l2Addr,
        bytes calldata _sig,
        uint256 _maxGas,
        uint256 _gasPriceBid,
        uint256 _maxSubmissionCost
    ) external payable;

    /// @notice Gives the tokens in unbonding locks of `_l1Addr` to `_l2Addr` as stake.
    function migrateUnbondingLocks(
        address _l1Addr,
        address _l2Addr,
        uint256[] calldata _unbondingLockIds,
        bytes calldata _sig,
        uint256 _maxGas,
        uint256 _gasPriceBid,
        uint256 _maxSubmissionCost
    ) external payable;

    /// @notice Gives deposit and reserve of `_l1Addr` to `_l2Addr`.
    function migrateSender(
        address _l1Addr,
        address _l2Addr,
        bytes calldata _sig,
        uint256 _maxGas,
        uint256 _gasPriceBid,
        uint256 _maxSubmissionCost
    ) external payable;

    /// @notice Moves the BridgeMinter's ETH to the L2Migrator. Anyone may, and pays for the message.
    function migrateETH(uint256 _maxGas, uint256 _gasPriceBid, uint256 _maxSubmissionCost) external payable;

    /// @notice Moves the BridgeMinter's LPT to the L2Migrator. Administrator only.
    function migrateLPT(uint256 _maxGas, uint256 _gasPriceBid, uint256 _maxSubmissionCost) external payable;

    /// @notice Call data of a delegator's message, and what it says.
    function getMigrateDelegatorParams(address _l1Addr, address _l2Addr)
        external
        view
        returns (bytes memory data, MigrateDelegatorParams memory params);

    /// @notice Call data of an unbonding locks' message, and what it says.
    function getMigrateUnbondingLocksParams(address _l1Addr, address _l2Addr, uint256[] memory _unbondingLockIds)
        external
        view
        returns (bytes memory data, MigrateUnbondingLocksParams memory params);

    /// @notice Call data of a sender's message, and what it says.
    function getMigrateSenderParams(address _l1Addr, address _l2Addr)
        external
        view
        returns (bytes memory data, MigrateSenderParams memory params);

    /// @notice Layer 1 BondingManager.
    function bondingManagerAddr() external view returns (address);

    /// @notice Layer 1 TicketBroker.
    function ticketBrokerAddr() external view returns (address);

    /// @notice LPT on layer 1.
    function tokenAddr() external view returns (address);

    /// @notice Gateway that carries the LPT.
    function l1LPTGatewayAddr() external view returns (address);

    /// @notice Keeps the funds until they are moved.
    function bridgeMinterAddr() external view returns (address);

    /// @notice Who is told on layer 2.
    function l2MigratorAddr() external view returns (address);
}
