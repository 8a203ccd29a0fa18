// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPoll} from "../../src/governance/IPoll.sol";
import {Test} from "../utils/Test.sol";

contract Poll_vote_Test is Test {
    IPoll private poll;
    address private stranger = account("stranger");

    function setUp() public {
        poll = IPoll(vm.deployCode("Poll.sol:Poll", abi.encode(1000)));
    }

    function test_anybody_chooses_anything_any_number_of_times() public {
        uint256[4] memory choices = [uint256(0), 1, 0, type(uint256).max];
        for (uint256 i = 0; i < choices.length; i++) {
            vm.expectEmit(address(poll));
            emit IPoll.Vote(stranger, choices[i]);
            vm.prank(stranger);
            poll.vote(choices[i]);
        }
    }

    function test_is_possible_in_the_last_block_and_not_after() public {
        vm.assertEq(poll.endBlock(), 1000);
        vm.roll(1000);
        poll.vote(0);
        vm.roll(1001);
        assertReverts(stranger, address(poll), abi.encodeCall(poll.vote, (0)), "poll is over");
    }
}
