// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBridge} from "../../src/bridge/arbitrum/IBridge.sol";
import {IL1LPTGateway} from "../../src/bridge/l1/IL1LPTGateway.sol";
import {IOutbox} from "../../src/bridge/arbitrum/IOutbox.sol";
import {ILivepeerTokenL1} from "../../src/token/ILivepeerTokenL1.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L1LPTGateway_finalizeInboundTransfer_Test is BridgeTest {
    function withdrawal(uint256 amount) private view returns (bytes memory) {
        return abi.encodeCall(
            l1Gateway.finalizeInboundTransfer, (address(l1Token), carol, dave, amount, abi.encode(4, bytes("")))
        );
    }

    function arrive(uint256 amount) private {
        executeFromLayer2(address(l2Gateway), address(l1Gateway), withdrawal(amount));
    }

    function test_pays_from_the_escrow() public {
        depositAs(alice, 10 * LPT);
        (, bytes memory call) = postFromLayer2(address(l2Gateway), address(l1Gateway), withdrawal(4 * LPT));
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Transfer(address(escrow), dave, 4 * LPT);
        vm.expectEmit(address(l1Gateway));
        emit IL1LPTGateway.WithdrawalFinalized(address(l1Token), carol, dave, 4, 4 * LPT);
        vm.expectEmit(address(bridge));
        emit IBridge.BridgeCallTriggered(address(outbox), address(l1Gateway), 0, withdrawal(4 * LPT));
        vm.expectEmit(address(outbox));
        emit IOutbox.OutBoxTransactionExecuted(address(l1Gateway), address(l2Gateway), 0, 0);
        (bool ok,) = address(outbox).call(call);
        vm.assertTrue(ok);
        vm.assertEq(l1Token.balanceOf(dave), 4 * LPT);
        vm.assertEq(l1Token.balanceOf(address(escrow)), 6 * LPT);
        vm.assertEq(l1Token.totalSupply(), 2000 * LPT);
    }

    function test_pays_the_whole_escrow_without_minting() public {
        depositAs(alice, 10 * LPT);
        arrive(10 * LPT);
        vm.assertEq(l1Token.balanceOf(dave), 10 * LPT);
        vm.assertEq(l1Token.totalSupply(), 2000 * LPT);
    }

    function test_mints_what_the_escrow_lacks() public {
        depositAs(alice, 10 * LPT);
        arrive(10 * LPT + 1);
        vm.assertEq(l1Token.balanceOf(dave), 10 * LPT + 1);
        vm.assertEq(l1Token.balanceOf(address(escrow)), 0);
        vm.assertEq(l1Token.totalSupply(), 2000 * LPT + 1);
    }

    function test_mints_everything_when_the_escrow_is_empty() public {
        (, bytes memory call) = postFromLayer2(address(l2Gateway), address(l1Gateway), withdrawal(7));
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Transfer(address(0), dave, 7);
        vm.expectEmit(address(l1Token));
        emit ILivepeerTokenL1.Mint(dave, 7);
        vm.expectEmit(address(l1Gateway));
        emit IL1LPTGateway.WithdrawalFinalized(address(l1Token), carol, dave, 4, 7);
        (bool ok,) = address(outbox).call(call);
        vm.assertTrue(ok);
    }

    function test_works_while_paused() public {
        l1Gateway.pause();
        arrive(1);
        vm.assertEq(l1Token.balanceOf(dave), 1);
    }

    function test_comes_through_the_bridge_only() public {
        assertReverts(address(l2Gateway), address(l1Gateway), withdrawal(1), "NOT_FROM_BRIDGE");
        assertReverts(owner, address(l1Gateway), withdrawal(1), "NOT_FROM_BRIDGE");
    }

    function test_comes_from_the_layer_2_gateway_only() public {
        (, bytes memory call) = postFromLayer2(stranger, address(l1Gateway), withdrawal(1));
        assertReverts(stranger, address(outbox), call, "ONLY_COUNTERPART_GATEWAY");
    }

    function test_is_for_lpt_only() public {
        bytes memory data = abi.encodeCall(
            l1Gateway.finalizeInboundTransfer, (address(token), carol, dave, 1, abi.encode(0, bytes("")))
        );
        (, bytes memory call) = postFromLayer2(address(l2Gateway), address(l1Gateway), data);
        assertReverts(stranger, address(outbox), call, "TOKEN_NOT_LPT");
    }
}
