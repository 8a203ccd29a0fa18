// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract LivepeerTokenFaucet_parameters_Test is ProtocolTest {
    function test_parameters_are_those_of_the_constructor() public view {
        vm.assertEq(address(faucet.token()), address(token));
        vm.assertEq(faucet.requestAmount(), 10 * LPT);
        vm.assertEq(faucet.requestWait(), 1);
    }
}
