// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbSys} from "../../src/dev/IArbSys.sol";
import {Test} from "../utils/Test.sol";

contract ArbSysStandIn_getStorageAt_Test is Test {
    IArbSys private constant ARB_SYS = IArbSys(address(0x64));

    function setUp() public {
        vm.etch(address(ARB_SYS), vm.getDeployedCode("ArbSysStandIn.sol:ArbSysStandIn"));
    }

    function test_says_what_it_cannot_know() public {
        vm.store(address(ARB_SYS), bytes32(0), bytes32(uint256(1000)));
        vm.assertEq(ARB_SYS.getStorageAt(address(ARB_SYS), 0), 1000);
        bytes memory data = abi.encodeCall(IArbSys.getStorageAt, (address(this), 0));
        assertReverts(address(this), address(ARB_SYS), data, "ArbSysStandIn: storage of others cannot be read");
    }
}
