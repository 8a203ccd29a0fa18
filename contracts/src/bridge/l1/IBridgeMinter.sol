// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "../../controller/IController.sol";

/// @title The last Minter of layer 1
/// @notice Keeps what was staked and deposited there until it is moved, and mints what the bridge's escrow lacks.
interface IBridgeMinter {
    /// @notice Funds are now moved by another L1Migrator.
    event L1MigratorUpdate(address l1MigratorAddr);

    /// @notice Withdrawals are now paid by another L1LPTGateway.
    event L1LPTGatewayUpdate(address l1LPTGatewayAddr);

    /// @notice Sets the L1Migrator. Controller owner only.
    function setL1Migrator(address _l1MigratorAddr) external;

    /// @notice Sets the L1LPTGateway. Controller owner only.
    function setL1LPTGateway(address _l1LPTGatewayAddr) external;

    /// @notice Hands the token's ownership, all LPT and all ETH to `_newMinterAddr`. Controller owner only.
    function migrateToNewMinter(address _newMinterAddr) external;

    /// @notice Sends all ETH to the L1Migrator. L1Migrator only.
    /// @return Wei sent
    function withdrawETHToL1Migrator() external returns (uint256);

    /// @notice Sends all LPT to the L1Migrator. L1Migrator only.
    /// @return Amount sent
    function withdrawLPTToL1Migrator() external returns (uint256);

    /// @notice Creates `_amount` LPT for `_to`. L1LPTGateway only.
    function bridgeMint(address _to, uint256 _amount) external;

    /// @notice Takes ETH, e.g. of a Minter that migrates to this one.
    function depositETH() external payable returns (bool);

    /// @notice The Controller, under the name that a migrating Minter asks for.
    function getController() external view returns (IController);

    /// @notice Moves funds to layer 2.
    function l1MigratorAddr() external view returns (address);

    /// @notice Pays withdrawals from layer 2.
    function l1LPTGatewayAddr() external view returns (address);
}
