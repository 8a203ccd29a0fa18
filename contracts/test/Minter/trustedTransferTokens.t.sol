// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_trustedTransferTokens_Test is ProtocolTest {
    function test_pays_tokens() public {
        bondAs(alice, LPT, alice);
        vm.prank(address(bonding));
        minter.trustedTransferTokens(dave, LPT);
        vm.assertEq(token.balanceOf(dave), 10_001 * LPT);
    }

    function test_is_reserved_to_the_bonding_manager() public {
        bytes memory data = abi.encodeCall(minter.trustedTransferTokens, (dave, 0));
        assertReverts(address(broker), address(minter), data, "msg.sender not BondingManager");
        assertNeedsRunningSystem(address(bonding), address(minter), data);
    }
}
