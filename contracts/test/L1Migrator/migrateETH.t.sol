// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IInbox} from "../../src/bridge/arbitrum/IInbox.sol";
import {L1ArbitrumMessenger} from "../../src/bridge/l1/L1ArbitrumMessenger.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L1Migrator_migrateETH_Test is MigrationTest {
    function test_sends_all_eth_of_the_minter_with_refunds_to_its_own_alias() public {
        bridgeMinter.depositETH{value: 4 ether}();
        address self = aliasOf(address(migrator1));
        uint256 value = 4 ether + MESSAGE_COST;
        vm.expectEmit(address(inbox));
        emit IInbox.InboxMessageDelivered(
            0, abi.encode(address(migrator2), 4 ether, value, SUBMISSION_COST, self, self, MAX_GAS, GAS_PRICE, 0)
        );
        vm.expectEmit(address(migrator1));
        emit L1ArbitrumMessenger.TxToL2(address(migrator1), address(migrator2), 0, "");
        vm.prank(stranger);
        migrator1.migrateETH{value: MESSAGE_COST}(MAX_GAS, GAS_PRICE, SUBMISSION_COST);
        vm.assertEq(address(bridge).balance, value);
        vm.assertEq(address(bridgeMinter).balance, 0);
    }

    function test_needs_to_be_the_minters_migrator() public {
        bridgeMinter.setL1Migrator(stranger);
        bytes memory data = abi.encodeCall(migrator1.migrateETH, (0, 0, 0));
        assertReverts(stranger, address(migrator1), data, "NOT_L1_MIGRATOR");
    }
}
