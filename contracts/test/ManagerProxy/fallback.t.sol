// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IServiceRegistry} from "../../src/controller/IServiceRegistry.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract ManagerProxy_fallback_Test is ProtocolTest {
    function test_runs_the_registered_code_on_its_own_state() public {
        registry.setServiceURI("https://example.com");
        address target = controller.getContract(keccak256("ServiceRegistryTarget"));
        vm.assertEq(registry.getServiceURI(owner), "https://example.com");
        vm.assertEq(IServiceRegistry(target).getServiceURI(owner), "");
    }

    function test_another_target_takes_over_the_state() public {
        registry.setServiceURI("https://example.com");
        address target = vm.deployCode("ServiceRegistry.sol:ServiceRegistry", abi.encode(controller));
        register("ServiceRegistryTarget", target);
        vm.assertEq(registry.getServiceURI(owner), "https://example.com");
    }

    function test_passes_failures_on() public {
        assertReverts(
            stranger, address(broker), abi.encodeCall(broker.unlock, ()), "sender deposit and reserve are zero"
        );
    }

    function test_fails_where_no_target_is_registered() public {
        register("ServiceRegistryTarget", address(0));
        bytes memory data = abi.encodeCall(registry.getServiceURI, (owner));
        assertReverts(stranger, address(registry), data, "target contract must be registered");
    }
}
