// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Controller_getContract_Test is ProtocolTest {
    function test_is_nobody_for_an_id_that_was_never_registered() public view {
        vm.assertEq(controller.getContract(keccak256("Nothing")), address(0));
        vm.assertEq(controller.getContract(keccak256("Minter")), address(minter));
    }
}
