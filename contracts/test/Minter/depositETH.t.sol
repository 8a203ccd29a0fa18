// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_depositETH_Test is ProtocolTest {
    function test_takes_money_while_paused() public {
        controller.pause();
        vm.deal(address(broker), 1 ether);
        vm.prank(address(broker));
        vm.assertTrue(minter.depositETH{value: 1 ether}());
        vm.assertEq(address(minter).balance, 1 ether);
    }

    function test_is_reserved_to_the_ticket_broker_and_the_registered_minter() public {
        bytes memory data = abi.encodeCall(minter.depositETH, ());
        assertReverts(owner, address(minter), data, "msg.sender not Minter or JobsManager");
        assertReverts(address(bonding), address(minter), data, "msg.sender not Minter or JobsManager");
        vm.prank(address(minter));
        vm.assertTrue(minter.depositETH());
    }
}
