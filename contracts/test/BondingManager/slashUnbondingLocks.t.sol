// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondingManager} from "../../src/bonding/IBondingManager.sol";
import {ISlashing} from "../../src/bonding/ISlashing.sol";
import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_slashUnbondingLocks_Test is ProtocolTest {
    ISlashing private slashing;

    function setUp() public override {
        super.setUp();
        slashing = ISlashing(address(bonding));
        startWithTranscoders();
        register("Verifier", verifier);
        for (uint256 i = 0; i < 5; i++) {
            unbondAs(alice, 10 * LPT);
        }
    }

    function data(uint256 first, uint256 end) private view returns (bytes memory) {
        return abi.encodeCall(slashing.slashUnbondingLocks, (alice, dave, 500_000, 100_000, first, end));
    }

    function test_takes_from_the_locks_named_and_from_nothing_else() public {
        vm.prank(verifier);
        vm.expectEmit(address(bonding));
        emit ISlashing.UnbondingLockSlashed(alice, 1, 5 * LPT);
        vm.expectEmit(address(bonding));
        emit ISlashing.UnbondingLockSlashed(alice, 2, 5 * LPT);
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(alice, dave, 10 * LPT, LPT);
        slashing.slashUnbondingLocks(alice, dave, 500_000, 100_000, 1, 3);
        for (uint256 i = 0; i < 5; i++) {
            (uint256 amount,) = bonding.getDelegatorUnbondingLock(alice, i);
            vm.assertEq(amount, i == 1 || i == 2 ? 5 * LPT : 10 * LPT);
        }
        vm.assertEq(bondedAmountOf(alice), 950 * LPT);
        vm.assertEq(token.balanceOf(dave), 10_001 * LPT);
        vm.assertEq(token.balanceOf(treasury), 9 * LPT);
    }

    function test_skips_locks_that_are_gone() public {
        vm.prank(alice);
        bonding.rebond(2);
        vm.prank(verifier);
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(alice, address(0), 0, 0);
        slashing.slashUnbondingLocks(alice, address(0), 500_000, 0, 2, 3);
        vm.assertEq(bondedAmountOf(alice), 960 * LPT);
    }

    function test_leaves_locks_alone_of_which_the_part_is_less_than_the_smallest_unit() public {
        unbondAs(alice, 1);
        vm.prank(verifier);
        vm.expectEmit(address(bonding));
        emit IBondingManager.TranscoderSlashed(alice, dave, 0, 0);
        slashing.slashUnbondingLocks(alice, dave, 500_000, 100_000, 5, 6);
        (uint256 amount,) = bonding.getDelegatorUnbondingLock(alice, 5);
        vm.assertEq(amount, 1);
    }

    function test_is_reserved_to_the_verifier() public {
        assertReverts(owner, address(bonding), data(0, 5), "caller must be Verifier");
        assertNeedsRunningSystem(verifier, address(bonding), data(0, 5));
    }

    function test_needs_a_running_system_even_if_there_is_nothing_to_take() public {
        assertNeedsRunningSystem(verifier, address(bonding), data(5, 5));
    }
}
