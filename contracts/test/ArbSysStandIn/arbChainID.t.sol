// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbSys} from "../../src/dev/IArbSys.sol";
import {Test} from "../utils/Test.sol";

contract ArbSysStandIn_arbChainID_Test is Test {
    IArbSys private constant ARB_SYS = IArbSys(address(0x64));

    function setUp() public {
        vm.etch(address(ARB_SYS), vm.getDeployedCode("ArbSysStandIn.sol:ArbSysStandIn"));
    }

    function test_is_that_of_the_chain() public view {
        vm.assertEq(ARB_SYS.arbChainID(), block.chainid);
    }
}
