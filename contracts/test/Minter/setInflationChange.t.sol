// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_setInflationChange_Test is ProtocolTest {
    function test_sets_the_value_and_announces_it() public {
        vm.expectEmit(address(minter));
        emit IManager.ParameterUpdate("inflationChange");
        minter.setInflationChange(1e9);
        vm.assertEq(minter.inflationChange(), 1e9);
    }

    function test_refuses_more_than_everything() public {
        bytes memory data = abi.encodeCall(minter.setInflationChange, (1e9 + 1));
        assertReverts(owner, address(minter), data, "_inflationChange is invalid percentage");
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(minter), abi.encodeCall(minter.setInflationChange, (1)));
    }
}
