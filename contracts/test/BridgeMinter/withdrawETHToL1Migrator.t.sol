// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeMinter_withdrawETHToL1Migrator_Test is BridgeTest {
    function test_sends_everything() public {
        bridgeMinter.depositETH{value: 3 ether}();
        vm.prank(l1Migrator);
        vm.assertEq(bridgeMinter.withdrawETHToL1Migrator(), 3 ether);
        vm.assertEq(l1Migrator.balance, 3 ether);
        vm.assertEq(address(bridgeMinter).balance, 0);
    }

    function test_is_the_migrators() public {
        bytes memory data = abi.encodeCall(bridgeMinter.withdrawETHToL1Migrator, ());
        assertReverts(owner, address(bridgeMinter), data, "NOT_L1_MIGRATOR");
    }

    function test_fails_when_the_migrator_takes_no_eth() public {
        bridgeMinter.setL1Migrator(address(l1Cache));
        bytes memory data = abi.encodeCall(bridgeMinter.withdrawETHToL1Migrator, ());
        string memory reason = "BridgeMinter#withdrawETHToL1Migrator: FAIL_CALL";
        assertReverts(address(l1Cache), address(bridgeMinter), data, reason);
    }
}
