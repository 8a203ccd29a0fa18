// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsManager} from "../../src/rounds/IRoundsManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract AdjustableRoundsManager_setBlockHash_Test is ProtocolTest {
    function test_every_recent_block_has_the_hash() public {
        vm.prank(stranger);
        rounds.setBlockHash(bytes32(uint256(9)));
        uint256 current = rounds.blockNum();
        vm.assertEq(rounds.blockHash(current - 1), bytes32(uint256(9)));
        vm.assertEq(rounds.blockHash(current - 256), bytes32(uint256(9)));
        vm.assertEq(rounds.hash(), bytes32(uint256(9)));
        bytes memory tooOld = abi.encodeCall(IRoundsManager.blockHash, (current - 257));
        assertReverts(owner, address(rounds), tooOld, "can only retrieve hashes for last 256 blocks");
    }
}
