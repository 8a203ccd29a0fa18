// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGenesis} from "../../src/genesis/IGenesis.sol";
import {TokenVesting} from "../../src/genesis/TokenVesting.sol";
import {GenesisTest} from "../utils/GenesisTest.sol";

contract TokenVesting_release_Test is GenesisTest {
    event ERC20Released(address indexed token, uint256 amount);

    TokenVesting private vesting;

    function setUp() public override {
        super.setUp();
        vesting = TokenVesting(payable(genesis.grantVesting(IGenesis.Part.Team, alice, 300 * LPT, START, 100, 300)));
    }

    function released() private returns (uint256) {
        vm.prank(stranger);
        vesting.release(address(token));
        return token.balanceOf(alice);
    }

    function test_gives_nothing_before_the_cliff_and_then_what_the_time_since_the_start_is_worth() public {
        vm.assertEq(released(), 0);
        vm.warp(START + 99);
        vm.assertEq(vesting.releasable(address(token)), 0);
        vm.assertEq(released(), 0);
        vm.warp(START + 100);
        vm.expectEmit(address(vesting));
        emit ERC20Released(address(token), 100 * LPT);
        vm.assertEq(released(), 100 * LPT);
        vm.assertEq(released(), 100 * LPT);
        vm.warp(START + 101);
        vm.assertEq(released(), 101 * LPT);
    }

    function test_gives_the_last_unit_at_the_end_and_no_more_after_it() public {
        vm.warp(START + 299);
        vm.assertEq(released(), 299 * LPT);
        vm.warp(START + 300);
        vm.assertEq(released(), 300 * LPT);
        vm.warp(START + 1_000_000);
        vm.assertEq(released(), 300 * LPT);
        vm.assertEq(token.balanceOf(address(vesting)), 0);
    }

    function test_a_cliff_at_the_end_gives_everything_at_once() public {
        address wallet = genesis.grantVesting(IGenesis.Part.Team, bob, 7, START, 50, 50);
        vm.warp(START + 49);
        vm.assertEq(TokenVesting(payable(wallet)).releasable(address(token)), 0);
        vm.warp(START + 50);
        vm.assertEq(TokenVesting(payable(wallet)).releasable(address(token)), 7);
    }

    function test_a_vesting_of_no_time_gives_everything_at_the_start() public {
        address wallet = genesis.grantVesting(IGenesis.Part.Team, bob, 7, START, 0, 0);
        vm.assertEq(TokenVesting(payable(wallet)).releasable(address(token)), 7);
    }

    function test_a_cliff_after_the_end_is_refused() public {
        bytes memory data = abi.encodeCall(genesis.grantVesting, (IGenesis.Part.Team, bob, 7, START, 51, 50));
        bytes memory refusal = abi.encodeWithSelector(TokenVesting.CliffAfterEnd.selector, START + 51, START + 50);
        assertRevertsWith(owner, address(genesis), data, refusal);
    }

    function test_nobody_cannot_be_the_beneficiary() public {
        bytes memory data = abi.encodeCall(genesis.grantVesting, (IGenesis.Part.Team, address(0), 7, START, 0, 1));
        assertReverts(owner, address(genesis), data, "VestingWallet: beneficiary is zero address");
    }

    function testFuzz_never_gives_more_than_the_time_is_worth(uint64 first, uint64 second) public {
        uint256 from = bound(first, START, START + 400);
        uint256 to = bound(second, from, START + 500);
        vm.warp(from);
        released();
        vm.warp(to);
        uint256 elapsed = to - START > 300 ? 300 : to - START;
        vm.assertEq(released(), elapsed < 100 ? 0 : elapsed * LPT);
    }
}
