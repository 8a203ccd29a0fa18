// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Controller_updateController_Test is ProtocolTest {
    function test_points_a_contract_at_another_controller() public {
        vm.expectEmit(address(registry));
        emit IManager.SetController(stranger);
        controller.updateController(keccak256("ServiceRegistry"), stranger);
        vm.assertEq(address(IManager(address(registry)).controller()), stranger);
    }

    function test_is_reserved_to_the_owner() public {
        bytes memory data = abi.encodeCall(controller.updateController, (keccak256("ServiceRegistry"), stranger));
        assertRevertsWith(stranger, address(controller), data, "");
    }
}
