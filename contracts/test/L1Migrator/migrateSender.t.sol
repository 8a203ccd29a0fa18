// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL1Migrator} from "../../src/bridge/l1/IL1Migrator.sol";
import {L1ArbitrumMessenger} from "../../src/bridge/l1/L1ArbitrumMessenger.sol";
import {SignedMigration} from "../utils/SignedMigration.sol";

contract L1Migrator_migrateSender_Test is SignedMigration {
    function migration(address l2Addr, bytes memory sig) internal view override returns (bytes memory) {
        return abi.encodeCall(migrator1.migrateSender, (alice, l2Addr, sig, MAX_GAS, GAS_PRICE, SUBMISSION_COST));
    }

    function structHash(address l2Addr) internal view override returns (bytes32) {
        return keccak256(abi.encode(keccak256("MigrateSender(address l1Addr,address l2Addr)"), alice, l2Addr));
    }

    function test_tells_layer_2_deposit_and_reserve() public {
        vm.prank(alice);
        broker.fundDepositAndReserve{value: 5 ether}(3 ether, 2 ether);
        (bytes memory data, IL1Migrator.MigrateSenderParams memory params) =
            migrator1.getMigrateSenderParams(alice, erin);
        vm.expectEmit(address(migrator1));
        emit L1ArbitrumMessenger.TxToL2(erin, address(migrator2), 0, data);
        vm.expectEmit(address(migrator1));
        emit IL1Migrator.MigrateSenderInitiated(0, params);
        sendAs(alice, migration(erin, ""));
    }
}
