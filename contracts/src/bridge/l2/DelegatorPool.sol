// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../bonding/IBondingManager.sol";
import {IDelegatorPool} from "./IDelegatorPool.sol";

/// @title DelegatorPool
/// @dev Runs in minimal proxies, hence no constructor.
contract DelegatorPool is IDelegatorPool {
    /// @dev Alone in slot 0, where the deployed pools have it. OpenZeppelin's newer Initializable adds an event.
    bool private _initialized;

    /// @inheritdoc IDelegatorPool
    uint256 public override initialStake;
    /// @inheritdoc IDelegatorPool
    uint256 public override claimedInitialStake;
    /// @inheritdoc IDelegatorPool
    address public override bondingManager;
    /// @inheritdoc IDelegatorPool
    address public override migrator;

    modifier onlyMigrator() {
        require(msg.sender == migrator, "POOL:NOT_MIGRATOR");
        _;
    }

    /// @inheritdoc IDelegatorPool
    function initialize(address _bondingManager) external {
        require(!_initialized, "Initializable: contract is already initialized");
        _initialized = true;
        bondingManager = _bondingManager;
        migrator = msg.sender;
        uint256 stake = IBondingManager(_bondingManager).pendingStake(address(this), 0);
        initialStake = stake;
        emit DelegatorPoolInitialized(_bondingManager, msg.sender, stake);
    }

    /// @inheritdoc IDelegatorPool
    function claim(address _delegator, uint256 _stake) external onlyMigrator {
        uint256 remaining = initialStake - claimedInitialStake;
        require(_stake <= remaining, "POOL:INVALID_CLAIM");

        IBondingManager bonding = IBondingManager(bondingManager);
        uint256 owedStake = bonding.pendingStake(address(this), 0) * _stake / remaining;
        uint256 owedFees = bonding.pendingFees(address(this), 0) * _stake / remaining;
        claimedInitialStake += _stake;

        bonding.transferBond(_delegator, owedStake, address(0), address(0), address(0), address(0));
        bonding.withdrawFees(payable(_delegator), owedFees);
        emit Claimed(_delegator, owedStake, owedFees);
    }
}
