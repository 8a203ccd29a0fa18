// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMinter} from "../../src/token/IMinter.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract Minter_setCurrentRewardTokens_Test is ProtocolTest {
    function test_inflation_rises_while_too_little_is_bonded() public {
        uint256 before = minter.inflation();
        nextRound();
        vm.assertEq(minter.inflation(), before + 3_000);
    }

    function test_inflation_falls_while_too_much_is_bonded_and_stops_at_zero() public {
        minter.setTargetBondingRate(0);
        joinAs(alice, LPT);
        uint256 before = minter.inflation();
        nextRound();
        vm.assertEq(minter.inflation(), before - 3_000);
        minter.setInflationChange(1e9);
        nextRound();
        vm.assertEq(minter.inflation(), 0);
        vm.assertEq(minter.currentMintableTokens(), 0);
    }

    function test_inflation_stays_at_the_target() public {
        minter.setTargetBondingRate(0);
        uint256 before = minter.inflation();
        nextRound();
        vm.assertEq(minter.inflation(), before);
    }

    function test_fixes_the_issuance_and_starts_counting_anew() public {
        startWithTranscoders();
        rewardAs(alice);
        enterRound(FIRST_ROUND + 2);
        uint256 inflation = minter.inflation() + 3_000;
        uint256 mintable = token.totalSupply() * inflation / 1e9;
        vm.expectEmit(address(minter));
        emit IMinter.SetCurrentRewardTokens(mintable, inflation);
        rounds.initializeRound();
        vm.assertEq(minter.currentMintableTokens(), mintable);
        vm.assertEq(minter.currentMintedTokens(), 0);
    }

    function test_is_reserved_to_the_rounds_manager() public {
        bytes memory data = abi.encodeCall(minter.setCurrentRewardTokens, ());
        assertReverts(owner, address(minter), data, "msg.sender not RoundsManager");
        assertNeedsRunningSystem(address(rounds), address(minter), data);
    }
}
