// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbSys} from "../../src/dev/IArbSys.sol";
import {Test} from "../utils/Test.sol";

contract ArbSysStandIn_getTransactionCount_Test is Test {
    IArbSys private constant ARB_SYS = IArbSys(address(0x64));

    function setUp() public {
        vm.etch(address(ARB_SYS), vm.getDeployedCode("ArbSysStandIn.sol:ArbSysStandIn"));
    }

    function test_says_what_it_cannot_know() public {
        vm.assertEq(ARB_SYS.getTransactionCount(address(ARB_SYS)), 0);
        bytes memory data = abi.encodeCall(IArbSys.getTransactionCount, (address(this)));
        assertReverts(address(this), address(ARB_SYS), data, "ArbSysStandIn: nonces of others cannot be read");
    }
}
