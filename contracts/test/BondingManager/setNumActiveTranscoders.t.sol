// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_setNumActiveTranscoders_Test is ProtocolTest {
    function test_sets_the_value_and_announces_it() public {
        vm.expectEmit(address(bonding));
        emit IManager.ParameterUpdate("numActiveTranscoders");
        bonding.setNumActiveTranscoders(5);
        vm.assertEq(uint256(bonding.getTranscoderPoolMaxSize()), 5);
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(bonding), abi.encodeCall(bonding.setNumActiveTranscoders, (5)));
    }

    function test_can_only_raise_the_number() public {
        assertReverts(
            owner,
            address(bonding),
            abi.encodeCall(bonding.setNumActiveTranscoders, (POOL_SIZE)),
            "new max size must be greater than old max size"
        );
    }
}
