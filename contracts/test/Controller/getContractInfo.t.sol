// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Controller_getContractInfo_Test is ProtocolTest {
    function test_gives_address_and_commit() public {
        controller.setContractInfo(keccak256("Something"), alice, bytes20(bob));
        (address target, bytes20 commit) = controller.getContractInfo(keccak256("Something"));
        vm.assertEq(target, alice);
        vm.assertEq(address(commit), bob);
    }
}
