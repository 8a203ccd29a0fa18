// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_transcoderStatus_Test is ProtocolTest {
    function test_is_registered_who_bonds_to_itself() public {
        startWithTranscoders();
        vm.assertEq(uint256(bonding.transcoderStatus(alice)), uint256(IBondingManager.TranscoderStatus.Registered));
        vm.assertEq(uint256(bonding.transcoderStatus(carol)), uint256(IBondingManager.TranscoderStatus.NotRegistered));
    }
}
