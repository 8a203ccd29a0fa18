// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TreasuryTest} from "../utils/TreasuryTest.sol";

contract Treasury_updateDelay_Test is TreasuryTest {
    event MinDelayChange(uint256 oldDuration, uint256 newDuration);

    function test_the_treasury_changes_its_own_delay() public {
        vm.expectEmit(address(timelock));
        emit MinDelayChange(DELAY, 5);
        vm.prank(address(timelock));
        timelock.updateDelay(5);
        vm.assertEq(timelock.getMinDelay(), 5);
    }

    function test_nobody_else_can() public {
        bytes memory data = abi.encodeCall(timelock.updateDelay, (0));
        assertReverts(alice, address(timelock), data, "TimelockController: caller must be timelock");
    }
}
