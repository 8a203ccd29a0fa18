// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeMinter_depositETH_Test is BridgeTest {
    function test_takes_eth_of_anybody() public {
        vm.prank(stranger);
        vm.assertTrue(bridgeMinter.depositETH{value: 3}());
        vm.assertEq(address(bridgeMinter).balance, 3);
    }

    function test_takes_none_without_the_call() public {
        vm.prank(stranger);
        (bool ok,) = address(bridgeMinter).call{value: 1}("");
        vm.assertFalse(ok);
    }
}
