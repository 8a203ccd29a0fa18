// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "../../src/controller/IController.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Controller_setContractInfo_Test is ProtocolTest {
    function test_registers_and_replaces() public {
        bytes32 id = keccak256("Something");
        vm.expectEmit(address(controller));
        emit IController.SetContractInfo(id, alice, bytes20(alice));
        controller.setContractInfo(id, alice, bytes20(alice));
        vm.assertEq(controller.getContract(id), alice);
        controller.setContractInfo(id, bob, bytes20(0));
        vm.assertEq(controller.getContract(id), bob);
    }

    function test_is_reserved_to_the_owner() public {
        bytes memory data = abi.encodeCall(controller.setContractInfo, (bytes32(0), alice, bytes20(0)));
        assertRevertsWith(stranger, address(controller), data, "");
    }
}
