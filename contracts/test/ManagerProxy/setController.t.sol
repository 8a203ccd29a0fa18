// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract ManagerProxy_setController_Test is ProtocolTest {
    function test_is_the_proxys_own_and_reserved_to_the_controller() public {
        bytes memory data = abi.encodeCall(IManager.setController, (stranger));
        assertReverts(owner, address(votes), data, "caller must be Controller");
        controller.updateController(keccak256("BondingVotes"), stranger);
        vm.assertEq(address(IManager(address(votes)).controller()), stranger);
    }
}
