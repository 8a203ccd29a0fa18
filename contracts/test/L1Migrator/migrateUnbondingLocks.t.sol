// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL1Migrator} from "../../src/bridge/l1/IL1Migrator.sol";
import {L1ArbitrumMessenger} from "../../src/bridge/l1/L1ArbitrumMessenger.sol";
import {SignedMigration} from "../utils/SignedMigration.sol";

contract L1Migrator_migrateUnbondingLocks_Test is SignedMigration {
    function ids() private pure returns (uint256[] memory list) {
        list = new uint256[](2);
        list[1] = 1;
    }

    function migration(address l2Addr, bytes memory sig) internal view override returns (bytes memory) {
        return abi.encodeCall(
            migrator1.migrateUnbondingLocks, (alice, l2Addr, ids(), sig, MAX_GAS, GAS_PRICE, SUBMISSION_COST)
        );
    }

    function structHash(address l2Addr) internal view override returns (bytes32) {
        bytes32 typeHash = keccak256("MigrateUnbondingLocks(address l1Addr,address l2Addr,uint256[] unbondingLockIds)");
        return keccak256(abi.encode(typeHash, alice, l2Addr, keccak256(abi.encodePacked(ids()))));
    }

    function test_tells_layer_2_what_is_in_the_locks() public {
        unbondAs(alice, 30 * LPT);
        unbondAs(alice, 12 * LPT);
        (bytes memory data, IL1Migrator.MigrateUnbondingLocksParams memory params) =
            migrator1.getMigrateUnbondingLocksParams(alice, erin, ids());
        vm.expectEmit(address(migrator1));
        emit L1ArbitrumMessenger.TxToL2(erin, address(migrator2), 0, data);
        vm.expectEmit(address(migrator1));
        emit IL1Migrator.MigrateUnbondingLocksInitiated(0, params);
        sendAs(alice, migration(erin, ""));
    }
}
