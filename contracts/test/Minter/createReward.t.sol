// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_createReward_Test is ProtocolTest {
    function test_mints_the_share_of_the_issuance() public {
        uint256 mintable = minter.currentMintableTokens();
        vm.prank(address(bonding));
        uint256 amount = minter.createReward(1, 3);
        vm.assertEq(amount, mintable * 333_333_333 / 1e9);
        vm.assertEq(token.balanceOf(address(minter)), amount);
        vm.assertEq(minter.currentMintedTokens(), amount);
    }

    function test_never_mints_more_than_the_issuance() public {
        vm.prank(address(bonding));
        minter.createReward(1, 1);
        bytes memory data = abi.encodeCall(minter.createReward, (1, 2));
        assertReverts(address(bonding), address(minter), data, "minted tokens cannot exceed mintable tokens");
    }

    function test_a_share_of_nothing_cannot_be_reckoned() public {
        assertPanics(address(bonding), address(minter), abi.encodeCall(minter.createReward, (1, 0)), 0x12);
    }

    function test_is_reserved_to_the_bonding_manager() public {
        bytes memory data = abi.encodeCall(minter.createReward, (1, 1));
        assertReverts(owner, address(minter), data, "msg.sender not BondingManager");
        assertNeedsRunningSystem(address(bonding), address(minter), data);
    }
}
