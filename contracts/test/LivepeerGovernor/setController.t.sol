// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_setController_Test is GovernanceTest {
    function test_is_reserved_to_the_controller() public {
        bytes memory data = abi.encodeCall(governor.setController, (stranger));
        assertReverts(owner, address(governor), data, "caller must be Controller");
        assertReverts(address(timelock), address(governor), data, "caller must be Controller");
        controller.updateController(keccak256("LivepeerGovernor"), stranger);
        vm.assertEq(address(governor.controller()), stranger);
    }
}
