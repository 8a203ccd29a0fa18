// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PriceFeedStandIn} from "../../src/dev/PriceFeedStandIn.sol";
import {Test} from "../utils/Test.sol";

contract PriceFeedStandIn_latestRoundData_Test is Test {
    function test_has_no_round_before_the_first_answer() public {
        PriceFeedStandIn feed =
            PriceFeedStandIn(vm.deployCode("PriceFeedStandIn.sol:PriceFeedStandIn", abi.encode("LPT / EUR", 18)));
        (uint80 round, int256 answer,, uint256 updatedAt,) = feed.latestRoundData();
        vm.assertEq(round, 0);
        vm.assertTrue(answer == 0);
        vm.assertEq(updatedAt, 0);
        vm.assertEq(feed.description(), "LPT / EUR");
        vm.assertEq(feed.decimals(), 18);
    }
}
