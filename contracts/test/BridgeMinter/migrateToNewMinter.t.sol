// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BridgeMinter} from "../../src/bridge/l1/BridgeMinter.sol";
import {BridgeTest} from "../utils/BridgeTest.sol";

contract NextMinter {
    receive() external payable {}
}

contract BridgeMinter_migrateToNewMinter_Test is BridgeTest {
    string private constant INVALID = "BridgeMinter#migrateToNewMinter: INVALID_MINTER";

    function test_hands_everything_over() public {
        vm.prank(alice);
        l1Token.transfer(address(bridgeMinter), 70 * LPT);
        bridgeMinter.depositETH{value: 2 ether}();
        address next = address(new NextMinter());
        bridgeMinter.migrateToNewMinter(next);
        vm.assertEq(l1Token.owner(), next);
        vm.assertEq(l1Token.balanceOf(next), 70 * LPT);
        vm.assertEq(next.balance, 2 ether);
    }

    function test_needs_another_minter() public {
        bytes memory data = abi.encodeCall(bridgeMinter.migrateToNewMinter, (address(bridgeMinter)));
        assertReverts(owner, address(bridgeMinter), data, INVALID);
        data = abi.encodeCall(bridgeMinter.migrateToNewMinter, (address(0)));
        assertReverts(owner, address(bridgeMinter), data, INVALID);
    }

    function test_needs_a_minter_that_takes_eth() public {
        BridgeMinter next = new BridgeMinter(address(l1Controller), l1Migrator, address(l1Gateway));
        bytes memory data = abi.encodeCall(bridgeMinter.migrateToNewMinter, (address(next)));
        assertReverts(owner, address(bridgeMinter), data, "BridgeMinter#migrateToNewMinter: FAIL_CALL");
    }

    function test_is_the_controller_owners() public {
        assertNeedsOwner(address(bridgeMinter), abi.encodeCall(bridgeMinter.migrateToNewMinter, (stranger)));
    }
}
