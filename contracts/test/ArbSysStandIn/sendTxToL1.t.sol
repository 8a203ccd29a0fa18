// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbSys} from "../../src/dev/IArbSys.sol";
import {Test} from "../utils/Test.sol";

contract ArbSysStandIn_sendTxToL1_Test is Test {
    IArbSys private constant ARB_SYS = IArbSys(address(0x64));

    function setUp() public {
        vm.etch(address(ARB_SYS), vm.getDeployedCode("ArbSysStandIn.sol:ArbSysStandIn"));
    }

    function test_numbers_the_messages_and_announces_them() public {
        vm.roll(100);
        vm.assertEq(ARB_SYS.sendTxToL1(address(1), ""), 0);
        vm.expectEmit(address(ARB_SYS));
        emit IArbSys.L2ToL1Transaction(address(this), address(2), 1, 0, 1, 100, 100, block.timestamp, 3, hex"abcd");
        vm.deal(address(this), 3);
        vm.assertEq(ARB_SYS.sendTxToL1{value: 3}(address(2), hex"abcd"), 1);
    }
}
