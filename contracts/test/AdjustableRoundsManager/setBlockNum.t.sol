// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract AdjustableRoundsManager_setBlockNum_Test is ProtocolTest {
    function test_anyone_sets_the_block_number() public {
        vm.prank(stranger);
        rounds.setBlockNum(123);
        vm.assertEq(rounds.blockNum(), 123);
        vm.assertEq(rounds.num(), 123);
    }
}
