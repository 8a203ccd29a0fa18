// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILivepeerTokenFaucet} from "../../src/token/ILivepeerTokenFaucet.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract LivepeerTokenFaucet_request_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        vm.prank(alice);
        token.transfer(address(faucet), 100 * LPT);
        vm.warp(1_700_000_000);
    }

    function test_gives_once_an_hour() public {
        vm.expectEmit(address(faucet));
        emit ILivepeerTokenFaucet.Request(dave, 10 * LPT);
        vm.prank(dave);
        faucet.request();
        vm.assertEq(token.balanceOf(dave), 10_010 * LPT);
        vm.assertEq(faucet.nextValidRequest(dave), block.timestamp + 1 hours);

        bytes memory data = abi.encodeCall(faucet.request, ());
        vm.warp(1_700_000_000 + 1 hours - 1);
        assertRevertsWith(dave, address(faucet), data, "");
        vm.warp(1_700_000_000 + 1 hours);
        vm.prank(dave);
        faucet.request();
        vm.assertEq(token.balanceOf(dave), 10_020 * LPT);
    }

    function test_a_whitelisted_account_need_not_wait() public {
        (bool listed,) = address(faucet).call(abi.encodeCall(faucet.addToWhitelist, (dave)));
        vm.assertTrue(listed);
        for (uint256 i = 0; i < 3; i++) {
            vm.prank(dave);
            faucet.request();
        }
        vm.assertEq(token.balanceOf(dave), 10_030 * LPT);
        vm.assertEq(faucet.nextValidRequest(dave), 0);
    }
}
