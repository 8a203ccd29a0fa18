// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "../controller/IController.sol";

/// @title Issues the token and keeps the protocol's money
/// @notice Holds all staked LPT and all ETH of senders and recipients.
interface IMinter {
    /// @notice A round's issuance was fixed.
    event SetCurrentRewardTokens(uint256 currentMintableTokens, uint256 currentInflation);

    /// @notice Sets the bonding rate, in billionths of the supply, that inflation steers towards. Owner only.
    function setTargetBondingRate(uint256 _targetBondingRate) external;

    /// @notice Sets by how many billionths inflation moves each round. Owner only.
    function setInflationChange(uint256 _inflationChange) external;

    /// @notice Moves all tokens and ETH to `_newMinter`. Owner only; works while paused; this one must be registered.
    function migrateToNewMinter(IMinter _newMinter) external;

    /// @notice Mints the share `_fracNum / _fracDenom` of this round's issuance to this contract. BondingManager only.
    /// @return Tokens minted
    function createReward(uint256 _fracNum, uint256 _fracDenom) external returns (uint256);

    /// @notice Pays `_amount` LPT to `_to`. BondingManager only.
    function trustedTransferTokens(address _to, uint256 _amount) external;

    /// @notice Burns `_amount` LPT. BondingManager only; fails where this contract lacks the burner role.
    function trustedBurnTokens(uint256 _amount) external;

    /// @notice Pays `_amount` wei to `_to` with the bare stipend of gas. BondingManager and TicketBroker only.
    function trustedWithdrawETH(address payable _to, uint256 _amount) external;

    /// @notice Takes ETH into custody. Registered Minter and TicketBroker only; works while paused.
    function depositETH() external payable returns (bool);

    /// @notice Adjusts inflation and fixes this round's issuance. RoundsManager only.
    function setCurrentRewardTokens() external;

    /// @notice The Controller, under the name that a migrating Minter asks for.
    function getController() external view returns (IController);

    /// @notice Token supply on both layers together.
    function getGlobalTotalSupply() external view returns (uint256);

    /// @notice Issuance per round in billionths of the supply.
    function inflation() external view returns (uint256);

    /// @notice Billionths by which inflation moves each round.
    function inflationChange() external view returns (uint256);

    /// @notice Billionths of the supply that should be bonded.
    function targetBondingRate() external view returns (uint256);

    /// @notice Tokens that may be minted in the current round.
    function currentMintableTokens() external view returns (uint256);

    /// @notice Tokens minted in the current round so far.
    function currentMintedTokens() external view returns (uint256);
}
