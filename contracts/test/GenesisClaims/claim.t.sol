// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GenesisClaims} from "../../src/genesis/GenesisClaims.sol";
import {IGenesisClaims} from "../../src/genesis/IGenesisClaims.sol";
import {GenesisTest} from "../utils/GenesisTest.sol";

contract GenesisClaims_claim_Test is GenesisTest {
    GenesisClaims private claims;

    function setUp() public override {
        super.setUp();
        bytes32 root = pair(leafOf(alice, 1 * LPT), leafOf(bob, CROWD - 1 * LPT));
        claims = GenesisClaims(genesis.openClaims(root));
    }

    function test_pays_whoever_is_in_the_tree_whoever_calls() public {
        vm.expectEmit(address(claims));
        emit IGenesisClaims.Claimed(alice, 1 * LPT);
        vm.prank(stranger);
        claims.claim(alice, 1 * LPT, one(leafOf(bob, CROWD - 1 * LPT)));
        vm.assertEq(token.balanceOf(alice), 1 * LPT);
        vm.assertEq(token.balanceOf(stranger), 0);
        vm.assertTrue(claims.hasClaimed(alice));
        vm.assertFalse(claims.hasClaimed(bob));
        claims.claim(bob, CROWD - 1 * LPT, one(leafOf(alice, 1 * LPT)));
        vm.assertEq(token.balanceOf(address(claims)), 0);
    }

    function test_pays_once() public {
        bytes32[] memory proof = one(leafOf(bob, CROWD - 1 * LPT));
        claims.claim(alice, 1 * LPT, proof);
        bytes memory data = abi.encodeCall(claims.claim, (alice, 1 * LPT, proof));
        bytes memory refusal = abi.encodeWithSelector(IGenesisClaims.AlreadyClaimed.selector, alice);
        assertRevertsWith(alice, address(claims), data, refusal);
    }

    function test_refuses_another_amount_another_account_and_another_proof() public {
        bytes32[] memory proof = one(leafOf(bob, CROWD - 1 * LPT));
        assertNotInTree(alice, 1 * LPT + 1, proof);
        assertNotInTree(stranger, 1 * LPT, proof);
        assertNotInTree(alice, 1 * LPT, one(leafOf(alice, 1 * LPT)));
        assertNotInTree(alice, 1 * LPT, new bytes32[](0));
    }

    // The words of an inner node could be read as an account and an amount, were leaves hashed once.
    function test_an_inner_node_is_no_leaf() public {
        GenesisClaims single = GenesisClaims(
            vm.deployCode("GenesisClaims.sol:GenesisClaims", abi.encode(token, keccak256(abi.encode(alice, 7))))
        );
        bytes memory data = abi.encodeCall(single.claim, (alice, 7, new bytes32[](0)));
        bytes memory refusal = abi.encodeWithSelector(IGenesisClaims.NotInTree.selector, alice, 7);
        assertRevertsWith(alice, address(single), data, refusal);
    }

    function assertNotInTree(address who, uint256 amount, bytes32[] memory proof) private {
        bytes memory data = abi.encodeCall(claims.claim, (who, amount, proof));
        bytes memory refusal = abi.encodeWithSelector(IGenesisClaims.NotInTree.selector, who, amount);
        assertRevertsWith(who, address(claims), data, refusal);
    }
}
