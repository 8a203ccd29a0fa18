// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPoll} from "../../src/governance/IPoll.sol";
import {Test} from "../utils/Test.sol";

contract Poll_destroy_Test is Test {
    address private stranger = account("stranger");

    function test_is_possible_after_the_last_block() public {
        IPoll poll = IPoll(vm.deployCode("Poll.sol:Poll", abi.encode(1000)));
        vm.roll(1000);
        assertReverts(stranger, address(poll), abi.encodeCall(poll.destroy, ()), "poll is active");
        vm.roll(1001);
        vm.prank(stranger);
        poll.destroy();
    }

    function test_gives_what_the_poll_holds_to_the_caller() public {
        IPoll poll = IPoll(vm.deployCode("Poll.sol:Poll", abi.encode(1000)));
        vm.deal(address(poll), 2 ether);
        uint256 before = stranger.balance;
        vm.roll(1001);
        vm.prank(stranger);
        poll.destroy();
        vm.assertEq(stranger.balance, before + 2 ether);
        vm.assertEq(address(poll).balance, 0);
    }
}
