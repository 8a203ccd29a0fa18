// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceFeedStandIn} from "../../src/dev/PriceFeedStandIn.sol";
import {Test} from "../utils/Test.sol";

contract PriceFeedStandIn_setAnswer_Test is Test {
    PriceFeedStandIn private feed =
        PriceFeedStandIn(vm.deployCode("PriceFeedStandIn.sol:PriceFeedStandIn", abi.encode("ETH / USD", 8)));

    function test_begins_a_round_with_the_answer() public {
        vm.warp(1000);
        feed.setAnswer(-5);
        vm.warp(2000);
        feed.setAnswer(3000e8);
        vm.warp(3000);
        (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = feed.latestRoundData();
        vm.assertEq(round, 2);
        vm.assertTrue(answer == 3000e8);
        vm.assertEq(startedAt, 2000);
        vm.assertEq(updatedAt, 2000);
        vm.assertEq(answeredIn, 2);
    }

    function test_is_the_owners() public {
        bytes memory data = abi.encodeCall(feed.setAnswer, (1));
        assertRevertsWith(
            account("stranger"), address(feed), data, abi.encodeWithSelector(PriceFeedStandIn.NotOwner.selector)
        );
    }
}
