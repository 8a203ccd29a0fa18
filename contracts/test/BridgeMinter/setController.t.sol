// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract BridgeMinter_setController_Test is BridgeTest {
    function test_moves_to_another_controller() public {
        l1Controller.setContractInfo(keccak256("Minter"), address(bridgeMinter), bytes20(0));
        vm.expectEmit(address(bridgeMinter));
        emit IManager.SetController(address(controller));
        l1Controller.updateController(keccak256("Minter"), address(controller));
        vm.assertEq(address(bridgeMinter.controller()), address(controller));
    }

    function test_is_the_controllers() public {
        bytes memory data = abi.encodeCall(bridgeMinter.setController, (stranger));
        assertReverts(owner, address(bridgeMinter), data, "caller must be Controller");
    }
}
