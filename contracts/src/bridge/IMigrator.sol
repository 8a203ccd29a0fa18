// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What moves from layer 1 to layer 2
interface IMigrator {
    struct MigrateDelegatorParams {
        /// Who migrates
        address l1Addr;
        /// Who gets it on layer 2
        address l2Addr;
        /// Stake with all rewards
        uint256 stake;
        /// Stake delegated to `l1Addr`, its own included
        uint256 delegatedStake;
        /// Wei of fees
        uint256 fees;
        /// Whom `l1Addr` is bonded to
        address delegate;
    }

    struct MigrateUnbondingLocksParams {
        /// Who migrates
        address l1Addr;
        /// Who gets it on layer 2
        address l2Addr;
        /// Tokens in all the locks
        uint256 total;
        /// Which locks
        uint256[] unbondingLockIds;
        /// Whom `l1Addr` is bonded to
        address delegate;
    }

    struct MigrateSenderParams {
        /// Who migrates
        address l1Addr;
        /// Who gets it on layer 2
        address l2Addr;
        /// Wei of the deposit
        uint256 deposit;
        /// Wei of the reserve
        uint256 reserve;
    }
}
