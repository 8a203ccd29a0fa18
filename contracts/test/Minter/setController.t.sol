// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_setController_Test is ProtocolTest {
    function test_is_reserved_to_the_controller() public {
        bytes memory data = abi.encodeCall(IManager.setController, (stranger));
        assertReverts(owner, address(minter), data, "caller must be Controller");
        controller.updateController(keccak256("Minter"), stranger);
        vm.assertEq(address(minter.getController()), stranger);
    }
}
