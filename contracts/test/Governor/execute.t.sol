// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "../../src/governance/IGovernor.sol";
import {IManager} from "../../src/controller/IManager.sol";
import {OwnerTest} from "../utils/OwnerTest.sol";

contract Governor_execute_Test is OwnerTest {
    function test_anybody_makes_the_calls_once_the_delay_has_passed() public {
        vm.roll(500);
        IGovernor.Update memory u = update(address(bonding), abi.encodeCall(bonding.setUnbondingPeriod, (9)));
        protocolOwner.stage(u, 40);
        bytes memory data = abi.encodeCall(protocolOwner.execute, (u));
        vm.roll(539);
        assertReverts(stranger, address(protocolOwner), data, "delay for update not expired");
        vm.roll(540);
        vm.expectEmit(address(bonding));
        emit IManager.ParameterUpdate("unbondingPeriod");
        vm.expectEmit(address(protocolOwner));
        emit IGovernor.UpdateExecuted(u);
        vm.prank(stranger);
        protocolOwner.execute(u);
        vm.assertEq(bonding.unbondingPeriod(), 9);
        vm.assertEq(protocolOwner.updates(hashOf(u)), 0);
        assertReverts(stranger, address(protocolOwner), data, "update is not staged");
    }

    function test_can_follow_in_the_block_of_the_announcement_without_a_delay() public {
        IGovernor.Update memory u = pauseUpdate();
        protocolOwner.stage(u, 0);
        protocolOwner.execute(u);
        vm.assertTrue(controller.paused());
    }

    function test_refuses_what_is_not_staged_to_the_nonce() public {
        IGovernor.Update memory u = pauseUpdate();
        protocolOwner.stage(u, 0);
        u.nonce = 1;
        bytes memory data = abi.encodeCall(protocolOwner.execute, (u));
        assertReverts(owner, address(protocolOwner), data, "update is not staged");
    }

    function test_makes_all_calls_in_order_or_none() public {
        IGovernor.Update memory u;
        (u.target, u.value, u.data) = (new address[](2), new uint256[](2), new bytes[](2));
        (u.target[0], u.target[1]) = (address(bonding), address(controller));
        u.data[0] = abi.encodeCall(bonding.setUnbondingPeriod, (9));
        u.data[1] = abi.encodeCall(controller.unpause, ());
        protocolOwner.stage(u, 0);
        // Controller.unpause fails without a reason while the system runs, so the reason is empty.
        assertReverts(owner, address(protocolOwner), abi.encodeCall(protocolOwner.execute, (u)), "");
        vm.assertEq(bonding.unbondingPeriod(), UNBONDING_PERIOD);
        vm.assertEq(protocolOwner.updates(hashOf(u)), block.number);
        u.data[1] = abi.encodeCall(controller.pause, ());
        protocolOwner.stage(u, 0);
        protocolOwner.execute(u);
        vm.assertEq(bonding.unbondingPeriod(), 9);
        vm.assertTrue(controller.paused());
    }

    function test_gives_what_a_failed_call_returned_as_the_reason() public {
        IGovernor.Update memory u = update(address(bonding), abi.encodeCall(bonding.setNumActiveTranscoders, (1)));
        protocolOwner.stage(u, 0);
        bytes memory inner = abi.encodeWithSignature("Error(string)", "new max size must be greater than old max size");
        bytes memory data = abi.encodeCall(protocolOwner.execute, (u));
        assertReverts(owner, address(protocolOwner), data, string(inner));
    }

    function test_sends_ether_along() public {
        IGovernor.Update memory u = update(account("payee"), "");
        u.value[0] = 2 ether;
        protocolOwner.stage(u, 0);
        bytes memory data = abi.encodeCall(protocolOwner.execute, (u));
        assertReverts(stranger, address(protocolOwner), data, "");
        vm.prank(stranger);
        protocolOwner.execute{value: 3 ether}(u);
        vm.assertEq(account("payee").balance, 2 ether);
        vm.assertEq(address(protocolOwner).balance, 1 ether);
    }

    function test_an_update_cannot_execute_itself_again() public {
        Reenter again = new Reenter(protocolOwner);
        IGovernor.Update memory u = update(address(again), abi.encodeCall(again.run, ()));
        again.aim(u);
        protocolOwner.stage(u, 0);
        bytes memory reason = abi.encodeWithSignature("Error(string)", "update is not staged");
        bytes memory data = abi.encodeCall(protocolOwner.execute, (u));
        assertReverts(owner, address(protocolOwner), data, string(reason));
    }
}

/// @title A target that executes the update that calls it
contract Reenter {
    IGovernor private immutable governor;
    bytes private data;

    constructor(IGovernor _governor) {
        governor = _governor;
    }

    function aim(IGovernor.Update calldata u) external {
        data = abi.encodeCall(governor.execute, (u));
    }

    function run() external {
        (bool ok, bytes memory result) = address(governor).call(data);
        if (!ok) {
            assembly {
                revert(add(result, 32), mload(result))
            }
        }
    }
}
