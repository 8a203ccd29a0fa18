// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "../../src/governance/IGovernor.sol";
import {IOwnable} from "../../src/controller/IOwnable.sol";
import {OwnerTest} from "../utils/OwnerTest.sol";

contract Governor_transferOwnership_Test is OwnerTest {
    function test_an_update_hands_the_rights_over() public {
        IGovernor.Update memory u =
            update(address(protocolOwner), abi.encodeCall(protocolOwner.transferOwnership, (alice)));
        protocolOwner.stage(u, 0);
        vm.expectEmit(address(protocolOwner));
        emit IOwnable.OwnershipTransferred(owner, alice);
        protocolOwner.execute(u);
        vm.assertEq(protocolOwner.owner(), alice);
        bytes memory data = abi.encodeCall(protocolOwner.stage, (pauseUpdate(), 0));
        assertReverts(owner, address(protocolOwner), data, "unauthorized: msg.sender not owner");
        vm.prank(alice);
        protocolOwner.stage(pauseUpdate(), 0);
    }

    function test_not_even_the_owner_can_call_it() public {
        bytes memory data = abi.encodeCall(protocolOwner.transferOwnership, (alice));
        assertReverts(owner, address(protocolOwner), data, "unauthorized: msg.sender not Governor");
    }

    function test_refuses_nobody() public {
        bytes memory data = abi.encodeCall(protocolOwner.transferOwnership, (address(0)));
        assertReverts(address(protocolOwner), address(protocolOwner), data, "newOwner is a null address");
    }
}
