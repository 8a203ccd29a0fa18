// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL1LPTGateway} from "../../src/bridge/l1/IL1LPTGateway.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract L1Migrator_migrateLPT_Test is MigrationTest {
    function test_deposits_all_lpt_of_the_minter_for_the_l2_migrator() public {
        vm.prank(alice);
        l1Token.transfer(address(bridgeMinter), 300 * LPT);
        vm.expectEmit(address(l1Gateway));
        emit IL1LPTGateway.DepositInitiated(address(l1Token), address(migrator1), address(migrator2), 0, 300 * LPT);
        migrator1.migrateLPT{value: MESSAGE_COST}(MAX_GAS, GAS_PRICE, SUBMISSION_COST);
        vm.assertEq(l1Token.balanceOf(address(escrow)), 300 * LPT);
        vm.assertEq(l1Token.balanceOf(address(bridgeMinter)), 0);
        vm.assertEq(l1Token.allowance(address(migrator1), address(l1Gateway)), 0);
    }

    function test_needs_something_to_move_and_exact_pay() public {
        bytes memory data = abi.encodeCall(migrator1.migrateLPT, (MAX_GAS, GAS_PRICE, SUBMISSION_COST));
        assertReverts(owner, address(migrator1), data, "INVALID_ZERO_AMOUNT");
        vm.prank(alice);
        l1Token.transfer(address(bridgeMinter), 1);
        assertReverts(owner, address(migrator1), data, "WRONG_ETH_VALUE");
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(migrator1), abi.encodeCall(migrator1.migrateLPT, (0, 0, 0)));
    }
}
