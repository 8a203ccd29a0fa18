// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbSys} from "../../src/dev/IArbSys.sol";
import {Test} from "../utils/Test.sol";

contract ArbSysStandIn_arbBlockNumber_Test is Test {
    IArbSys private constant ARB_SYS = IArbSys(address(0x64));

    function setUp() public {
        vm.etch(address(ARB_SYS), vm.getDeployedCode("ArbSysStandIn.sol:ArbSysStandIn"));
    }

    function test_is_the_chains_height_plus_what_slot_zero_holds() public {
        vm.roll(100);
        vm.assertEq(ARB_SYS.arbBlockNumber(), 100);
        vm.store(address(ARB_SYS), bytes32(0), bytes32(uint256(1000)));
        vm.assertEq(ARB_SYS.arbBlockNumber(), 1100);
    }
}
