// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGenesis} from "../../src/genesis/IGenesis.sol";
import {GenesisTest} from "../utils/GenesisTest.sol";

contract Genesis_grant_Test is GenesisTest {
    function test_mints_out_of_a_part_to_the_last_unit() public {
        vm.expectEmit(address(genesis));
        emit IGenesis.Granted(IGenesis.Part.Company, alice, COMPANY - 1);
        genesis.grant(IGenesis.Part.Company, alice, COMPANY - 1);
        genesis.grant(IGenesis.Part.Company, bob, 1);
        vm.assertEq(token.balanceOf(alice), COMPANY - 1);
        vm.assertEq(token.balanceOf(bob), 1);
        vm.assertEq(genesis.remaining(IGenesis.Part.Company), 0);
        vm.assertEq(genesis.remaining(IGenesis.Part.Community), COMMUNITY);
    }

    function test_refuses_more_than_the_part_and_nothing() public {
        uint256[2] memory amounts = [COMMUNITY + 1, 0];
        for (uint256 i = 0; i < 2; i++) {
            bytes memory refusal =
                abi.encodeWithSelector(IGenesis.ExceedsPart.selector, IGenesis.Part.Community, amounts[i], COMMUNITY);
            bytes memory data = abi.encodeCall(genesis.grant, (IGenesis.Part.Community, alice, amounts[i]));
            assertRevertsWith(owner, address(genesis), data, refusal);
        }
    }

    function test_refuses_parts_that_vest_or_are_claimed() public {
        IGenesis.Part[3] memory parts = [IGenesis.Part.Crowd, IGenesis.Part.Team, IGenesis.Part.Investors];
        for (uint256 i = 0; i < 3; i++) {
            bytes memory refusal = abi.encodeWithSelector(IGenesis.WrongPart.selector, parts[i]);
            bytes memory data = abi.encodeCall(genesis.grant, (parts[i], alice, 1));
            assertRevertsWith(owner, address(genesis), data, refusal);
        }
    }

    function test_is_reserved_to_the_owner_until_the_end() public {
        assertOwnerOnlyUntilTheEnd(abi.encodeCall(genesis.grant, (IGenesis.Part.Company, alice, 1)));
    }
}
