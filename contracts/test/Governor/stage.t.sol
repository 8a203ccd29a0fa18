// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "../../src/governance/IGovernor.sol";
import {OwnerTest} from "../utils/OwnerTest.sol";

contract Governor_stage_Test is OwnerTest {
    function test_announces_an_update_and_its_delay() public {
        vm.roll(500);
        IGovernor.Update memory u = pauseUpdate();
        vm.expectEmit(address(protocolOwner));
        emit IGovernor.UpdateStaged(u, 40);
        protocolOwner.stage(u, 40);
        vm.assertEq(protocolOwner.updates(hashOf(u)), 540);
    }

    function test_is_refused_while_the_same_is_staged() public {
        IGovernor.Update memory u = pauseUpdate();
        protocolOwner.stage(u, 0);
        bytes memory data = abi.encodeCall(protocolOwner.stage, (u, 1));
        assertReverts(owner, address(protocolOwner), data, "update already staged");
        u.nonce = 1;
        protocolOwner.stage(u, 0);
    }

    function test_a_delay_beyond_all_blocks_overflows() public {
        bytes memory data = abi.encodeCall(protocolOwner.stage, (pauseUpdate(), NEVER));
        assertPanics(owner, address(protocolOwner), data, 0x11);
    }

    function test_is_reserved_to_the_owner() public {
        bytes memory data = abi.encodeCall(protocolOwner.stage, (pauseUpdate(), 0));
        assertReverts(stranger, address(protocolOwner), data, "unauthorized: msg.sender not owner");
    }
}
