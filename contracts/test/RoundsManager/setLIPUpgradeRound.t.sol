// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsManager} from "../../src/rounds/IRoundsManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_setLIPUpgradeRound_Test is ProtocolTest {
    function test_can_be_set_once() public {
        rounds.setLIPUpgradeRound(36, 2000);
        vm.assertEq(rounds.lipUpgradeRound(36), 2000);
        bytes memory data = abi.encodeCall(IRoundsManager.setLIPUpgradeRound, (36, 2001));
        assertReverts(owner, address(rounds), data, "LIP upgrade round already set");
    }

    function test_is_reserved_to_the_owner() public {
        assertNeedsOwner(address(rounds), abi.encodeCall(IRoundsManager.setLIPUpgradeRound, (1, 1)));
    }
}
