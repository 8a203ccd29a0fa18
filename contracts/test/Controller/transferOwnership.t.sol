// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOwnable} from "../../src/controller/IOwnable.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Controller_transferOwnership_Test is ProtocolTest {
    function test_hands_all_rights_over() public {
        vm.expectEmit(address(controller));
        emit IOwnable.OwnershipTransferred(owner, alice);
        controller.transferOwnership(alice);
        vm.assertEq(controller.owner(), alice);
        assertNeedsOwnerNow();
        vm.prank(alice);
        bonding.setTreasuryBalanceCeiling(1);
    }

    function assertNeedsOwnerNow() private {
        bytes memory data = abi.encodeCall(bonding.setTreasuryBalanceCeiling, (1));
        assertReverts(owner, address(bonding), data, "caller must be Controller owner");
    }

    function test_refuses_nobody_and_strangers() public {
        assertRevertsWith(owner, address(controller), abi.encodeCall(controller.transferOwnership, (address(0))), "");
        assertRevertsWith(stranger, address(controller), abi.encodeCall(controller.transferOwnership, (alice)), "");
    }
}
