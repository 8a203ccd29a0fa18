// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_setController_Test is ProtocolTest {
    function test_is_reserved_to_the_controller() public {
        bytes memory data = abi.encodeCall(IManager.setController, (stranger));
        assertReverts(owner, address(bonding), data, "caller must be Controller");
        vm.expectEmit(address(bonding));
        emit IManager.SetController(stranger);
        controller.updateController(keccak256("BondingManager"), stranger);
        vm.assertEq(address(IManager(address(bonding)).controller()), stranger);
    }
}
