// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsManager} from "../../src/rounds/IRoundsManager.sol";
import {RoundsManager} from "../../src/rounds/RoundsManager.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract RoundsManager_blockHash_Test is ProtocolTest {
    RoundsManager private real;

    function setUp() public override {
        super.setUp();
        real = RoundsManager(vm.deployCode("RoundsManager.sol:RoundsManager", abi.encode(controller)));
        vm.roll(1000);
    }

    function test_is_that_of_the_chain() public {
        vm.setBlockhash(999, bytes32(uint256(7)));
        vm.assertEq(real.blockHash(999), bytes32(uint256(7)));
        vm.assertEq(real.blockNum(), 1000);
    }

    function test_reaches_back_256_blocks() public {
        real.blockHash(744);
        bytes memory tooOld = abi.encodeCall(IRoundsManager.blockHash, (743));
        assertReverts(owner, address(real), tooOld, "can only retrieve hashes for last 256 blocks");
        bytes memory present = abi.encodeCall(IRoundsManager.blockHash, (1000));
        assertReverts(owner, address(real), present, "can only retrieve past block hashes");
    }

    function test_a_young_chain_has_all_its_hashes() public {
        vm.roll(255);
        real.blockHash(0);
    }
}
