// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Purse {
    receive() external payable {}
}

contract ManagerProxy_receive_Test is ProtocolTest {
    function test_money_without_a_call_goes_to_the_target_which_takes_none() public {
        vm.prank(alice);
        (bool ok,) = address(broker).call{value: 1}("");
        vm.assertFalse(ok);
        vm.assertEq(address(broker).balance, 0);
    }

    function test_a_target_that_takes_money_may() public {
        register("TicketBrokerTarget", address(new Purse()));
        vm.prank(alice);
        (bool ok,) = address(broker).call{value: 1}("");
        vm.assertTrue(ok);
        vm.assertEq(address(broker).balance, 1);
    }
}
