// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract AdjustableRoundsManager_mineBlocks_Test is ProtocolTest {
    function test_anyone_adds_to_the_block_number() public {
        uint256 before = rounds.blockNum();
        vm.prank(stranger);
        rounds.mineBlocks(5);
        vm.assertEq(rounds.blockNum(), before + 5);
    }
}
