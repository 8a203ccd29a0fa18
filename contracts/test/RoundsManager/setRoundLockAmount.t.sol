// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IManager} from "../../src/controller/IManager.sol";
import {IRoundsManager} from "../../src/rounds/IRoundsManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_setRoundLockAmount_Test is ProtocolTest {
    function test_sets_the_value_and_announces_it() public {
        vm.expectEmit(address(rounds));
        emit IManager.ParameterUpdate("roundLockAmount");
        rounds.setRoundLockAmount(1_000_000);
        vm.assertEq(rounds.roundLockAmount(), 1_000_000);
        vm.assertTrue(rounds.currentRoundLocked());
    }

    function test_refuses_more_than_everything() public {
        bytes memory data = abi.encodeCall(IRoundsManager.setRoundLockAmount, (1_000_001));
        assertReverts(owner, address(rounds), data, "round lock amount must be a valid percentage");
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(rounds), abi.encodeCall(IRoundsManager.setRoundLockAmount, (1)));
    }
}
