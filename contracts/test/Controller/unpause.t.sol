// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "../../src/controller/IController.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Controller_unpause_Test is ProtocolTest {
    function test_resumes_once() public {
        controller.pause();
        vm.expectEmit(address(controller));
        emit IController.Unpause();
        controller.unpause();
        vm.assertFalse(controller.paused());
        assertRevertsWith(owner, address(controller), abi.encodeCall(controller.unpause, ()), "");
    }

    function test_is_reserved_to_the_owner() public {
        controller.pause();
        assertRevertsWith(stranger, address(controller), abi.encodeCall(controller.unpause, ()), "");
    }

    function test_a_new_controller_is_paused() public {
        vm.assertTrue(IController(vm.deployCode("Controller.sol:Controller", "")).paused());
    }
}
