// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_getTranscoderPoolMaxSize_Test is ProtocolTest {
    function test_is_what_the_owner_has_set() public {
        vm.assertEq(bonding.getTranscoderPoolMaxSize(), POOL_SIZE);
        bonding.setNumActiveTranscoders(50);
        vm.assertEq(bonding.getTranscoderPoolMaxSize(), 50);
    }
}
