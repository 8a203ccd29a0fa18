// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_trustedBurnTokens_Test is ProtocolTest {
    function test_burns_where_the_minter_may() public {
        token.grantRole(BURNER_ROLE, address(minter));
        bondAs(alice, LPT, alice);
        uint256 supply = token.totalSupply();
        vm.prank(address(bonding));
        minter.trustedBurnTokens(LPT);
        vm.assertEq(token.totalSupply(), supply - LPT);
    }

    function test_is_reserved_to_the_bonding_manager() public {
        bytes memory data = abi.encodeCall(minter.trustedBurnTokens, (0));
        assertReverts(address(broker), address(minter), data, "msg.sender not BondingManager");
        assertNeedsRunningSystem(address(bonding), address(minter), data);
    }
}
