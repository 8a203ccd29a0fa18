// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_setUnbondingPeriod_Test is ProtocolTest {
    function test_sets_the_value_and_announces_it() public {
        vm.expectEmit(address(bonding));
        emit IManager.ParameterUpdate("unbondingPeriod");
        bonding.setUnbondingPeriod(9);
        vm.assertEq(uint256(bonding.unbondingPeriod()), 9);
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(bonding), abi.encodeCall(bonding.setUnbondingPeriod, (9)));
    }
}
