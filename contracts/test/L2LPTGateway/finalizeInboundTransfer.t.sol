// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IL2LPTGateway} from "../../src/bridge/l2/IL2LPTGateway.sol";
import {ILivepeerToken} from "../../src/token/ILivepeerToken.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract L2LPTGateway_finalizeInboundTransfer_Test is BridgeTest {
    function deposit(uint256 amount) private view returns (bytes memory) {
        return l1Gateway.getOutboundCalldata(address(l1Token), alice, bob, amount, "");
    }

    function test_mints_and_counts_the_deposit() public {
        bytes memory data = deposit(5 * LPT);
        vm.expectEmit(address(token));
        emit ILivepeerToken.Mint(bob, 5 * LPT);
        vm.expectEmit(address(l2Gateway));
        emit IL2LPTGateway.DepositFinalized(address(l1Token), alice, bob, 5 * LPT);
        vm.prank(aliasOf(address(l1Gateway)));
        (bool ok,) = address(l2Gateway).call(data);
        vm.assertTrue(ok);
        vm.assertEq(token.balanceOf(bob), 10_005 * LPT);
        vm.assertEq(l2Cache.l2SupplyFromL1(), 5 * LPT);
    }

    function test_works_while_paused() public {
        l2Gateway.pause();
        bytes memory data = deposit(1);
        vm.prank(aliasOf(address(l1Gateway)));
        (bool ok,) = address(l2Gateway).call(data);
        vm.assertTrue(ok);
    }

    function test_comes_from_the_alias_of_the_layer_1_gateway_only() public {
        assertReverts(address(l1Gateway), address(l2Gateway), deposit(1), "ONLY_COUNTERPART_GATEWAY");
        assertReverts(aliasOf(stranger), address(l2Gateway), deposit(1), "ONLY_COUNTERPART_GATEWAY");
        assertReverts(owner, address(l2Gateway), deposit(1), "ONLY_COUNTERPART_GATEWAY");
    }

    function test_an_alias_wraps_around() public {
        address high = address(type(uint160).max);
        l2Gateway.setCounterpart(high);
        bytes memory data = deposit(1);
        vm.prank(address(uint160(0x1111000000000000000000000000000000001110)));
        (bool ok,) = address(l2Gateway).call(data);
        vm.assertTrue(ok);
    }

    function test_is_for_lpt_only() public {
        bytes memory data =
            abi.encodeCall(l2Gateway.finalizeInboundTransfer, (address(token), alice, bob, 1, bytes("")));
        assertReverts(aliasOf(address(l1Gateway)), address(l2Gateway), data, "TOKEN_NOT_LPT");
    }

    function test_needs_the_minter_role() public {
        token.revokeRole(MINTER_ROLE, address(l2Gateway));
        string memory reason = missingRole(address(l2Gateway), MINTER_ROLE);
        assertReverts(aliasOf(address(l1Gateway)), address(l2Gateway), deposit(1), reason);
    }
}
