// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTDataCache_transferOwnership_Test is BridgeTest {
    function test_moves_the_owners_rights() public {
        l2Cache.transferOwnership(bob);
        vm.assertEq(l2Cache.owner(), bob);
        vm.prank(bob);
        l2Cache.renounceOwnership();
        vm.assertEq(l2Cache.owner(), address(0));
    }

    function test_is_the_owners_and_needs_an_heir() public {
        bytes memory data = abi.encodeCall(l2Cache.transferOwnership, (stranger));
        assertReverts(stranger, address(l2Cache), data, "Ownable: caller is not the owner");
        data = abi.encodeCall(l2Cache.transferOwnership, (address(0)));
        assertReverts(owner, address(l2Cache), data, "Ownable: new owner is the zero address");
        data = abi.encodeCall(l2Cache.renounceOwnership, ());
        assertReverts(stranger, address(l2Cache), data, "Ownable: caller is not the owner");
    }
}
