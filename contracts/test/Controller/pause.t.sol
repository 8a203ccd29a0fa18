// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IController} from "../../src/controller/IController.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Controller_pause_Test is ProtocolTest {
    function test_pauses_once() public {
        vm.expectEmit(address(controller));
        emit IController.Pause();
        controller.pause();
        vm.assertTrue(controller.paused());
        assertRevertsWith(owner, address(controller), abi.encodeCall(controller.pause, ()), "");
    }

    function test_is_reserved_to_the_owner() public {
        assertRevertsWith(stranger, address(controller), abi.encodeCall(controller.pause, ()), "");
    }
}
