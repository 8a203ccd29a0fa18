// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_receive_Test is GovernanceTest {
    // The proxy stands before it and hands ether to the code, which sends it to the treasury's door.
    function test_ether_belongs_to_the_treasury() public {
        vm.prank(alice);
        (bool ok, bytes memory result) = address(governor).call{value: 1}("");
        vm.assertFalse(ok);
        bytes memory expected = abi.encodeWithSignature("Error(string)", "Governor: must send to executor");
        vm.assertEq(result, expected, "the reason");
    }

    function test_takes_tokens_with_a_receiver_check() public {
        vm.assertEq(bytes32(governor.onERC721Received(alice, alice, 1, "")), bytes32(bytes4(0x150b7a02)));
        vm.assertEq(bytes32(governor.onERC1155Received(alice, alice, 1, 1, "")), bytes32(bytes4(0xf23a6e61)));
        uint256[] memory none;
        vm.assertEq(bytes32(governor.onERC1155BatchReceived(alice, alice, none, none, "")), bytes32(bytes4(0xbc197c81)));
    }
}
