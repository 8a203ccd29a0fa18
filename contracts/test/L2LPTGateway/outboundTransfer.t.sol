// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2LPTGateway} from "../../src/bridge/l2/IL2LPTGateway.sol";
import {L2ArbitrumMessenger} from "../../src/bridge/l2/L2ArbitrumMessenger.sol";
import {IArbSys} from "../../src/dev/IArbSys.sol";
import {ILivepeerToken} from "../../src/token/ILivepeerToken.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTGateway_outboundTransfer_Test is BridgeTest {
    uint256 private constant AMOUNT = 10 * LPT;
    bytes4 private constant SHORT = 0x7b3a3c8b;
    bytes4 private constant LONG = 0xd2ce7d65;

    function setUp() public override {
        super.setUp();
        vm.prank(aliasOf(address(l1Gateway)));
        l2Gateway.finalizeInboundTransfer(address(l1Token), alice, alice, 25 * LPT, "");
        vm.prank(alice);
        token.approve(address(l2Gateway), NEVER);
    }

    function call(bytes4 form, address l1Asset, uint256 amount, bytes memory data) private view returns (bytes memory) {
        return form == SHORT
            ? abi.encodeWithSelector(SHORT, l1Asset, bob, amount, data)
            : abi.encodeWithSelector(LONG, l1Asset, bob, amount, 1, 2, data);
    }

    function expectWithdrawal() private {
        bytes memory data = l2Gateway.getOutboundCalldata(address(l1Token), alice, bob, AMOUNT, "");
        vm.expectEmit(address(token));
        emit ILivepeerToken.Burn(alice, AMOUNT);
        vm.expectEmit(address(0x64));
        emit IArbSys.L2ToL1Transaction(
            address(l2Gateway), address(l1Gateway), 0, 0, 0, block.number, block.number, block.timestamp, 0, data
        );
        vm.expectEmit(address(l2Gateway));
        emit L2ArbitrumMessenger.TxToL1(alice, address(l1Gateway), 0, data);
        vm.expectEmit(address(l2Gateway));
        emit IL2LPTGateway.WithdrawalInitiated(address(l1Token), alice, bob, 0, 0, AMOUNT);
    }

    function assertWithdrawn(address who, bytes memory data) private {
        uint256 supply = token.totalSupply();
        expectWithdrawal();
        vm.prank(who);
        (bool ok, bytes memory result) = address(l2Gateway).call(data);
        vm.assertTrue(ok);
        vm.assertEq(abi.decode(result, (bytes)), abi.encode(0), "the message's id");
        vm.assertEq(token.totalSupply(), supply - AMOUNT);
        vm.assertEq(l2Cache.l2SupplyFromL1(), 15 * LPT);
    }

    function test_burns_the_tokens_and_sends_a_message() public {
        assertWithdrawn(alice, call(SHORT, address(l1Token), AMOUNT, ""));
    }

    function test_the_form_with_gas_numbers_does_the_same() public {
        assertWithdrawn(alice, call(LONG, address(l1Token), AMOUNT, ""));
    }

    function test_the_router_withdraws_for_its_caller() public {
        assertWithdrawn(l2Router, call(LONG, address(l1Token), AMOUNT, abi.encode(alice, bytes(""))));
    }

    function test_more_may_leave_than_came() public {
        vm.prank(alice);
        l2Gateway.outboundTransfer(address(l1Token), bob, 26 * LPT, "");
        vm.assertEq(l2Cache.l2SupplyFromL1(), 0);
    }

    function test_takes_no_other_token_no_nothing_and_no_data() public {
        for (uint256 i = 0; i < 2; i++) {
            bytes4 form = i == 0 ? SHORT : LONG;
            assertReverts(alice, address(l2Gateway), call(form, address(token), AMOUNT, ""), "TOKEN_NOT_LPT");
            assertReverts(alice, address(l2Gateway), call(form, address(l1Token), 0, ""), "INVALID_ZERO_AMOUNT");
            bytes memory hook = call(form, address(l1Token), AMOUNT, hex"00");
            assertReverts(alice, address(l2Gateway), hook, "CALL_HOOK_DATA_NOT_ALLOWED");
        }
        bytes memory routed = call(LONG, address(l1Token), AMOUNT, abi.encode(alice, bytes(hex"00")));
        assertReverts(l2Router, address(l2Gateway), routed, "CALL_HOOK_DATA_NOT_ALLOWED");
    }

    function test_needs_the_approval_and_the_tokens() public {
        bytes memory data = call(SHORT, address(l1Token), AMOUNT, "");
        assertReverts(bob, address(l2Gateway), data, "ERC20: insufficient allowance");
        data = call(SHORT, address(l1Token), 10_026 * LPT, "");
        assertReverts(alice, address(l2Gateway), data, "ERC20: burn amount exceeds balance");
    }

    function test_is_stopped_by_a_pause() public {
        l2Gateway.pause();
        assertReverts(alice, address(l2Gateway), call(SHORT, address(l1Token), AMOUNT, ""), "Pausable: paused");
        assertReverts(alice, address(l2Gateway), call(LONG, address(l1Token), AMOUNT, ""), "Pausable: paused");
    }
}
