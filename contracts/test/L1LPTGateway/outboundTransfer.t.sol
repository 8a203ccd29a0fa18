// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../../src/bridge/arbitrum/IBridge.sol";
import {IInbox} from "../../src/bridge/arbitrum/IInbox.sol";
import {IL1LPTGateway} from "../../src/bridge/l1/IL1LPTGateway.sol";
import {L1ArbitrumMessenger} from "../../src/bridge/l1/L1ArbitrumMessenger.sol";
import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1LPTGateway_outboundTransfer_Test is BridgeTest {
    uint256 private constant AMOUNT = 10 * LPT;

    function setUp() public override {
        super.setUp();
        vm.prank(alice);
        l1Token.approve(address(l1Gateway), AMOUNT);
    }

    function own(uint256 submissionCost, bytes memory extra) private pure returns (bytes memory) {
        return abi.encode(submissionCost, extra);
    }

    function assertRefused(address l1Asset, uint256 amount, bytes memory data, uint256 value, string memory reason)
        private
    {
        bytes memory call = abi.encodeCall(l1Gateway.outboundTransfer, (l1Asset, bob, amount, MAX_GAS, GAS_PRICE, data));
        vm.prank(alice);
        (bool ok, bytes memory result) = address(l1Gateway).call{value: value}(call);
        vm.assertFalse(ok);
        vm.assertEq(result, abi.encodeWithSignature("Error(string)", reason), reason);
    }

    function message(address from) private view returns (bytes memory data, bytes memory packed) {
        data = l1Gateway.getOutboundCalldata(address(l1Token), from, bob, AMOUNT, "");
        packed = abi.encodePacked(
            abi.encode(
                address(l2Gateway), 0, MESSAGE_COST, SUBMISSION_COST, from, from, MAX_GAS, GAS_PRICE, data.length
            ),
            data
        );
    }

    function expectDeposit(address from) private {
        (bytes memory data, bytes memory packed) = message(from);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Transfer(from, address(escrow), AMOUNT);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Approval(from, address(l1Gateway), 0);
        vm.expectEmit(address(bridge));
        emit IBridge.MessageDelivered(0, bytes32(0), address(inbox), 9, aliasOf(address(l1Gateway)), keccak256(packed));
        vm.expectEmit(address(inbox));
        emit IInbox.InboxMessageDelivered(0, packed);
        vm.expectEmit(address(l1Gateway));
        emit L1ArbitrumMessenger.TxToL2(from, address(l2Gateway), 0, data);
        vm.expectEmit(address(l1Gateway));
        emit IL1LPTGateway.DepositInitiated(address(l1Token), from, bob, 0, AMOUNT);
    }

    function test_escrows_the_tokens_and_sends_a_message() public {
        expectDeposit(alice);
        vm.prank(alice);
        bytes memory result = l1Gateway.outboundTransfer{value: MESSAGE_COST}(
            address(l1Token), bob, AMOUNT, MAX_GAS, GAS_PRICE, own(SUBMISSION_COST, "")
        );
        vm.assertEq(result, abi.encode(0), "the message's number");
        vm.assertEq(l1Token.balanceOf(address(escrow)), AMOUNT);
        vm.assertEq(l1Token.balanceOf(alice), 990 * LPT);
        vm.assertEq(l1Token.totalSupply(), 2000 * LPT);
        vm.assertEq(address(bridge).balance, MESSAGE_COST);
    }

    function test_the_router_transfers_for_its_caller() public {
        expectDeposit(alice);
        vm.deal(l1Router, MESSAGE_COST);
        vm.prank(l1Router);
        l1Gateway.outboundTransfer{value: MESSAGE_COST}(
            address(l1Token), bob, AMOUNT, MAX_GAS, GAS_PRICE, abi.encode(alice, own(SUBMISSION_COST, ""))
        );
        vm.assertEq(l1Token.balanceOf(address(escrow)), AMOUNT);
    }

    function test_numbers_the_messages() public {
        depositAs(bob, 1);
        vm.prank(alice);
        bytes memory result = l1Gateway.outboundTransfer{value: MESSAGE_COST}(
            address(l1Token), bob, AMOUNT, MAX_GAS, GAS_PRICE, own(SUBMISSION_COST, "")
        );
        vm.assertEq(result, abi.encode(1), "the message's number");
    }

    function test_takes_no_other_token_and_no_nothing() public {
        bytes memory data = own(SUBMISSION_COST, "");
        assertRefused(address(token), AMOUNT, data, MESSAGE_COST, "TOKEN_NOT_LPT");
        assertRefused(address(l1Token), 0, data, MESSAGE_COST, "INVALID_ZERO_AMOUNT");
    }

    function test_takes_no_data_for_a_call_at_the_other_end() public {
        bytes memory data = own(0, hex"00");
        assertRefused(address(l1Token), AMOUNT, data, 0, "CALL_HOOK_DATA_NOT_ALLOWED");
    }

    function test_must_be_paid_exactly() public {
        assertRefused(address(l1Token), AMOUNT, own(0, ""), MAX_GAS * GAS_PRICE, "NO_SUBMISSION_COST");
        bytes memory data = own(SUBMISSION_COST, "");
        assertRefused(address(l1Token), AMOUNT, data, MESSAGE_COST - 1, "WRONG_ETH_VALUE");
        assertRefused(address(l1Token), AMOUNT, data, MESSAGE_COST + 1, "WRONG_ETH_VALUE");
    }

    function test_a_price_beyond_all_numbers_is_refused() public {
        bytes memory data = abi.encodeCall(
            l1Gateway.outboundTransfer, (address(l1Token), bob, AMOUNT, NEVER, 2, own(SUBMISSION_COST, ""))
        );
        assertPanics(alice, address(l1Gateway), data, 0x11);
    }

    function test_needs_the_tokens_and_the_approval() public {
        bytes memory data =
            abi.encodeCall(l1Gateway.outboundTransfer, (address(l1Token), bob, AMOUNT + 1, 0, 0, own(1, "")));
        vm.prank(alice);
        (bool ok, bytes memory result) = address(l1Gateway).call{value: 1}(data);
        vm.assertFalse(ok);
        vm.assertEq(result, "", "the token fails without a reason");
    }

    function test_is_stopped_by_a_pause() public {
        l1Gateway.pause();
        assertRefused(address(token), 0, "", 0, "Pausable: paused");
    }
}
