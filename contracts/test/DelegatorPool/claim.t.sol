// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DelegatorPool} from "../../src/bridge/l2/DelegatorPool.sol";
import {IDelegatorPool} from "../../src/bridge/l2/IDelegatorPool.sol";
import {MigrationTest} from "../utils/MigrationTest.sol";

contract DelegatorPool_claim_Test is MigrationTest {
    DelegatorPool private pool;

    function setUp() public override {
        super.setUp();
        pool = migrateTranscoder(l1Account("t"), dave, 100 * LPT, 300 * LPT);
        // Nothing of the rewards and fees for the transcoder, all for its delegators.
        vm.prank(dave);
        bonding.transcoder(0, 1_000_000);
        nextRound();
    }

    function claimAs(uint256 stake) private {
        vm.prank(address(migrator2));
        pool.claim(erin, stake);
    }

    function test_gives_a_part_of_the_stake() public {
        vm.expectEmit(address(pool));
        emit IDelegatorPool.Claimed(erin, 100 * LPT, 0);
        claimAs(100 * LPT);
        vm.assertEq(bondedAmountOf(erin), 100 * LPT);
        vm.assertEq(delegateOf(erin), dave);
        vm.assertEq(pool.claimedInitialStake(), 100 * LPT);
        vm.assertEq(pool.initialStake(), 300 * LPT);
    }

    function test_gives_the_part_of_what_the_stake_has_earned() public {
        rewardAs(dave);
        fundSender(1 ether, 1 ether);
        redeem(newTicket(dave, 0.4 ether, 1));
        uint256 stake = bonding.pendingStake(address(pool), 0);
        uint256 fees = bonding.pendingFees(address(pool), 0);
        vm.assertGt(stake, 300 * LPT, "rewards");
        vm.assertGt(fees, 0, "fees");
        uint256 before = erin.balance;
        vm.expectEmit(address(pool));
        emit IDelegatorPool.Claimed(erin, stake / 3, fees / 3);
        claimAs(100 * LPT);
        vm.assertEq(bondedAmountOf(erin), stake / 3);
        vm.assertEq(erin.balance, before + fees / 3);
    }

    function test_later_claims_get_a_part_of_what_remains(uint256 first) public {
        first = bound(first, 1, 299 * LPT);
        rewardAs(dave);
        uint256 stake = bonding.pendingStake(address(pool), 0);
        claimAs(first);
        vm.prank(address(migrator2));
        pool.claim(sender, 300 * LPT - first);
        vm.assertEq(bondedAmountOf(address(pool)), 0);
        vm.assertEq(pool.claimedInitialStake(), 300 * LPT);
        uint256 given = bondedAmountOf(erin) + bondedAmountOf(sender);
        vm.assertEq(given, stake);
    }

    function test_gives_no_more_than_remains() public {
        bytes memory data = abi.encodeCall(pool.claim, (erin, 300 * LPT + 1));
        assertReverts(address(migrator2), address(pool), data, "POOL:INVALID_CLAIM");
        claimAs(300 * LPT);
        data = abi.encodeCall(pool.claim, (erin, 1));
        assertReverts(address(migrator2), address(pool), data, "POOL:INVALID_CLAIM");
    }

    function test_an_empty_pool_divides_by_zero() public {
        claimAs(300 * LPT);
        assertPanics(address(migrator2), address(pool), abi.encodeCall(pool.claim, (erin, 0)), 0x12);
    }

    function test_is_the_migrators() public {
        bytes memory data = abi.encodeCall(pool.claim, (stranger, 1));
        assertReverts(stranger, address(pool), data, "POOL:NOT_MIGRATOR");
        assertReverts(owner, address(pool), data, "POOL:NOT_MIGRATOR");
    }
}
