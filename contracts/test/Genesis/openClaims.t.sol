// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GenesisClaims} from "../../src/genesis/GenesisClaims.sol";
import {IGenesis} from "../../src/genesis/IGenesis.sol";
import {GenesisTest} from "../utils/GenesisTest.sol";

contract Genesis_openClaims_Test is GenesisTest {
    function test_mints_the_whole_part_of_the_crowd_to_the_claims() public {
        bytes32 root = leafOf(alice, CROWD);
        GenesisClaims claims = GenesisClaims(genesis.openClaims(root));
        vm.assertEq(claims.root(), root);
        vm.assertEq(claims.token(), address(token));
        vm.assertEq(token.balanceOf(address(claims)), CROWD);
        vm.assertEq(genesis.remaining(IGenesis.Part.Crowd), 0);
    }

    function test_is_possible_once() public {
        genesis.openClaims(leafOf(alice, CROWD));
        bytes memory data = abi.encodeCall(genesis.openClaims, (leafOf(bob, CROWD)));
        bytes memory refusal = abi.encodeWithSelector(IGenesis.ExceedsPart.selector, IGenesis.Part.Crowd, 0, 0);
        assertRevertsWith(owner, address(genesis), data, refusal);
    }

    function test_is_reserved_to_the_owner_until_the_end() public {
        assertOwnerOnlyUntilTheEnd(abi.encodeCall(genesis.openClaims, (bytes32(0))));
    }
}
