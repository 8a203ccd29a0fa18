// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "../../src/governance/Governor.sol";
import {IOwnable} from "../../src/controller/IOwnable.sol";
import {OwnerTest} from "../utils/OwnerTest.sol";

contract Governor_constructor_Test is OwnerTest {
    function test_the_deployer_is_the_owner() public {
        vm.expectEmit();
        emit IOwnable.OwnershipTransferred(address(0), owner);
        vm.assertEq(new Governor().owner(), owner);
    }
}
