// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGenesis} from "../../src/genesis/IGenesis.sol";
import {TokenVesting} from "../../src/genesis/TokenVesting.sol";
import {GenesisTest} from "../utils/GenesisTest.sol";

contract Genesis_grantVesting_Test is GenesisTest {
    function test_mints_to_a_vesting_of_the_beneficiary() public {
        address vesting = genesis.grantVesting(IGenesis.Part.Team, alice, 10 * LPT, START, 100, 300);
        TokenVesting wallet = TokenVesting(payable(vesting));
        vm.assertEq(wallet.beneficiary(), alice);
        vm.assertEq(wallet.start(), START);
        vm.assertEq(wallet.cliff(), START + 100);
        vm.assertEq(wallet.duration(), 300);
        vm.assertEq(token.balanceOf(vesting), 10 * LPT);
        vm.assertEq(genesis.remaining(IGenesis.Part.Team), TEAM - 10 * LPT);
    }

    function test_announces_where_the_tokens_are() public {
        address vesting = address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", genesis, hex"01")))));
        vm.expectEmit(address(genesis));
        emit IGenesis.VestingGranted(IGenesis.Part.Investors, bob, vesting, 5);
        vm.assertEq(genesis.grantVesting(IGenesis.Part.Investors, bob, 5, START, 0, 1), vesting);
    }

    function test_refuses_parts_that_do_not_vest() public {
        IGenesis.Part[3] memory parts = [IGenesis.Part.Crowd, IGenesis.Part.Company, IGenesis.Part.Community];
        for (uint256 i = 0; i < 3; i++) {
            bytes memory refusal = abi.encodeWithSelector(IGenesis.WrongPart.selector, parts[i]);
            bytes memory data = abi.encodeCall(genesis.grantVesting, (parts[i], alice, 1, START, 0, 1));
            assertRevertsWith(owner, address(genesis), data, refusal);
        }
    }

    function test_refuses_more_than_the_part() public {
        bytes memory data = abi.encodeCall(genesis.grantVesting, (IGenesis.Part.Team, alice, TEAM + 1, START, 0, 1));
        bytes memory refusal = abi.encodeWithSelector(IGenesis.ExceedsPart.selector, IGenesis.Part.Team, TEAM + 1, TEAM);
        assertRevertsWith(owner, address(genesis), data, refusal);
    }

    function test_is_reserved_to_the_owner_until_the_end() public {
        assertOwnerOnlyUntilTheEnd(abi.encodeCall(genesis.grantVesting, (IGenesis.Part.Team, alice, 1, START, 0, 1)));
    }
}
