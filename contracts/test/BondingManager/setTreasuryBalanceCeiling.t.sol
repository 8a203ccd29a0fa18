// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_setTreasuryBalanceCeiling_Test is ProtocolTest {
    function test_sets_the_value_and_announces_it() public {
        vm.expectEmit(address(bonding));
        emit IManager.ParameterUpdate("treasuryBalanceCeiling");
        bonding.setTreasuryBalanceCeiling(77);
        vm.assertEq(uint256(bonding.treasuryBalanceCeiling()), 77);
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(bonding), abi.encodeCall(bonding.setTreasuryBalanceCeiling, (77)));
    }
}
