// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "../../src/governance/IGovernor.sol";
import {OwnerTest} from "../utils/OwnerTest.sol";

contract Governor_cancel_Test is OwnerTest {
    function test_takes_a_staged_update_back() public {
        IGovernor.Update memory u = pauseUpdate();
        protocolOwner.stage(u, 0);
        vm.expectEmit(address(protocolOwner));
        emit IGovernor.UpdateCancelled(u);
        protocolOwner.cancel(u);
        vm.assertEq(protocolOwner.updates(hashOf(u)), 0);
        bytes memory data = abi.encodeCall(protocolOwner.execute, (u));
        assertReverts(owner, address(protocolOwner), data, "update is not staged");
        protocolOwner.stage(u, 0);
    }

    function test_refuses_what_is_not_staged() public {
        bytes memory data = abi.encodeCall(protocolOwner.cancel, (pauseUpdate()));
        assertReverts(owner, address(protocolOwner), data, "update is not staged");
    }

    function test_is_reserved_to_the_owner() public {
        IGovernor.Update memory u = pauseUpdate();
        protocolOwner.stage(u, 0);
        bytes memory data = abi.encodeCall(protocolOwner.cancel, (u));
        assertReverts(stranger, address(protocolOwner), data, "unauthorized: msg.sender not owner");
    }
}
