// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IInbox} from "../../src/bridge/arbitrum/IInbox.sol";
import {IL1Migrator} from "../../src/bridge/l1/IL1Migrator.sol";
import {L1ArbitrumMessenger} from "../../src/bridge/l1/L1ArbitrumMessenger.sol";
import {SignedMigration} from "../utils/SignedMigration.sol";

contract L1Migrator_migrateDelegator_Test is SignedMigration {
    function migration(address l2Addr, bytes memory sig) internal view override returns (bytes memory) {
        return abi.encodeCall(migrator1.migrateDelegator, (alice, l2Addr, sig, MAX_GAS, GAS_PRICE, SUBMISSION_COST));
    }

    function structHash(address l2Addr) internal view override returns (bytes32) {
        return keccak256(abi.encode(keccak256("MigrateDelegator(address l1Addr,address l2Addr)"), alice, l2Addr));
    }

    function test_tells_layer_2_what_the_account_has() public {
        (bytes memory data, IL1Migrator.MigrateDelegatorParams memory params) =
            migrator1.getMigrateDelegatorParams(alice, erin);
        bytes memory packed = abi.encodePacked(
            abi.encode(
                address(migrator2), 0, MESSAGE_COST, SUBMISSION_COST, erin, erin, MAX_GAS, GAS_PRICE, data.length
            ),
            data
        );
        vm.expectEmit(address(inbox));
        emit IInbox.InboxMessageDelivered(0, packed);
        vm.expectEmit(address(migrator1));
        emit L1ArbitrumMessenger.TxToL2(erin, address(migrator2), 0, data);
        vm.expectEmit(address(migrator1));
        emit IL1Migrator.MigrateDelegatorInitiated(0, params);
        sendAs(alice, migration(erin, ""));
    }

    function test_may_be_repeated_here() public {
        sendAs(alice, migration(erin, ""));
        sendAs(alice, migration(erin, ""));
    }
}
