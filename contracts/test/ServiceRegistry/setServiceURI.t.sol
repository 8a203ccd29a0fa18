// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../src/controller/IServiceRegistry.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract ServiceRegistry_setServiceURI_Test is ProtocolTest {
    function test_publishes_the_callers_address_even_while_paused() public {
        controller.pause();
        vm.expectEmit(address(registry));
        emit IServiceRegistry.ServiceURIUpdate(alice, "https://127.0.0.1:8935");
        vm.prank(alice);
        registry.setServiceURI("https://127.0.0.1:8935");
        vm.assertEq(registry.getServiceURI(alice), "https://127.0.0.1:8935");
    }

    function test_an_empty_address_withdraws_it() public {
        registry.setServiceURI("https://127.0.0.1:8935");
        registry.setServiceURI("");
        vm.assertEq(registry.getServiceURI(owner), "");
    }
}
