// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";
import {Pausable} from "@openzeppelin/contracts/security/Pausable.sol";

contract L1LPTGateway_pause_Test is BridgeTest {
    function test_stops_and_starts_deposits() public {
        vm.expectEmit(address(l1Gateway));
        emit Pausable.Paused(address(this));
        l1Gateway.pause();
        vm.assertTrue(l1Gateway.paused());
        assertReverts(address(this), address(l1Gateway), abi.encodeCall(l1Gateway.pause, ()), "Pausable: paused");
        vm.expectEmit(address(l1Gateway));
        emit Pausable.Unpaused(address(this));
        l1Gateway.unpause();
        bytes memory again = abi.encodeCall(l1Gateway.unpause, ());
        assertReverts(address(this), address(l1Gateway), again, "Pausable: not paused");
    }

    function test_needs_the_administrator() public {
        assertNeedsAdministrator(address(l1Gateway), abi.encodeCall(l1Gateway.pause, ()));
        assertNeedsAdministrator(address(l1Gateway), abi.encodeCall(l1Gateway.unpause, ()));
    }
}
