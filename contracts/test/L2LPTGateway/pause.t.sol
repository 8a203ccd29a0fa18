// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";
import {Pausable} from "@openzeppelin/contracts/security/Pausable.sol";

contract L2LPTGateway_pause_Test is BridgeTest {
    function test_stops_and_starts_withdrawals() public {
        vm.expectEmit(address(l2Gateway));
        emit Pausable.Paused(address(this));
        l2Gateway.pause();
        vm.assertTrue(l2Gateway.paused());
        assertReverts(address(this), address(l2Gateway), abi.encodeCall(l2Gateway.pause, ()), "Pausable: paused");
        vm.expectEmit(address(l2Gateway));
        emit Pausable.Unpaused(address(this));
        l2Gateway.unpause();
        bytes memory again = abi.encodeCall(l2Gateway.unpause, ());
        assertReverts(address(this), address(l2Gateway), again, "Pausable: not paused");
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(l2Gateway), abi.encodeCall(l2Gateway.pause, ()));
        assertNeedsAdministrator(address(l2Gateway), abi.encodeCall(l2Gateway.unpause, ()));
    }
}
