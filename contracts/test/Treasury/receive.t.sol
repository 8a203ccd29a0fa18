// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_receive_Test is TreasuryTest {
    function test_takes_ether_from_anybody() public {
        vm.prank(dave);
        (bool ok,) = address(timelock).call{value: 3 ether}("");
        vm.assertTrue(ok);
        vm.assertEq(address(timelock).balance, 3 ether);
    }

    function test_takes_tokens_with_a_receiver_check() public {
        vm.assertEq(bytes32(timelock.onERC721Received(alice, alice, 1, "")), bytes32(bytes4(0x150b7a02)));
        vm.assertEq(bytes32(timelock.onERC1155Received(alice, alice, 1, 1, "")), bytes32(bytes4(0xf23a6e61)));
        uint256[] memory none;
        vm.assertEq(bytes32(timelock.onERC1155BatchReceived(alice, alice, none, none, "")), bytes32(bytes4(0xbc197c81)));
    }
}
