// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingVotes_delegates_Test is ProtocolTest {
    function test_is_the_delegate_as_of_the_next_round() public {
        vm.assertEq(votes.delegates(carol), address(0));
        startWithTranscoders();
        vm.assertEq(votes.delegates(carol), alice);
        bondAs(carol, 0, bob);
        vm.assertEq(votes.delegates(carol), bob);
    }
}
