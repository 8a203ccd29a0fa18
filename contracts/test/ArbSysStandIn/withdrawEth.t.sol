// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IArbSys} from "../../src/dev/IArbSys.sol";
import {Test} from "../utils/Test.sol";

contract ArbSysStandIn_withdrawEth_Test is Test {
    IArbSys private constant ARB_SYS = IArbSys(address(0x64));

    function setUp() public {
        vm.etch(address(ARB_SYS), vm.getDeployedCode("ArbSysStandIn.sol:ArbSysStandIn"));
    }

    function test_is_a_message_without_data() public {
        vm.expectEmit(address(ARB_SYS));
        emit IArbSys.EthWithdrawal(address(2), 3);
        vm.deal(address(this), 3);
        vm.assertEq(ARB_SYS.withdrawEth{value: 3}(address(2)), 0);
        vm.assertEq(address(ARB_SYS).balance, 3);
    }
}
