// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGenesis} from "../../src/genesis/IGenesis.sol";
import {GenesisTest} from "../utils/GenesisTest.sol";

contract Genesis_finish_Test is GenesisTest {
    function test_leaves_the_token_to_its_next_owner() public {
        giveOutEverything();
        vm.assertEq(token.totalSupply(), 10_000_000 * LPT);
        vm.expectEmit(address(genesis));
        emit IGenesis.Finished(minter);
        genesis.finish();
        vm.assertTrue(genesis.finished());
        vm.assertEq(token.owner(), minter);
        vm.assertEq(genesis.tokenOwner(), minter);
        vm.prank(minter);
        token.mint(alice, 1);
    }

    function test_needs_every_part_given_out_to_the_last_unit() public {
        genesis.openClaims(leafOf(alice, CROWD));
        genesis.grant(IGenesis.Part.Company, alice, COMPANY);
        genesis.grantVesting(IGenesis.Part.Team, alice, TEAM, START, 0, 1);
        genesis.grantVesting(IGenesis.Part.Investors, bob, INVESTORS, START, 0, 1);
        genesis.grant(IGenesis.Part.Community, bob, COMMUNITY - 1);
        bytes memory refusal = abi.encodeWithSelector(IGenesis.PartNotGivenOut.selector, IGenesis.Part.Community, 1);
        assertRevertsWith(owner, address(genesis), abi.encodeCall(genesis.finish, ()), refusal);
        genesis.grant(IGenesis.Part.Community, bob, 1);
        genesis.finish();
    }

    function test_is_reserved_to_the_owner_until_the_end() public {
        assertOwnerOnlyUntilTheEnd(abi.encodeCall(genesis.finish, ()));
    }
}
