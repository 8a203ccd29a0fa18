// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ProtocolTest} from "../utils/ProtocolTest.sol";

contract BondingManager_updateTranscoderWithFees_Test is ProtocolTest {
    function setUp() public override {
        super.setUp();
        startWithTranscoders();
    }

    function addFees(address transcoder, uint256 fees) private {
        vm.prank(address(broker));
        bonding.updateTranscoderWithFees(transcoder, fees, FIRST_ROUND);
    }

    function test_shares_fees_by_the_fee_share_and_the_stakes() public {
        addFees(alice, 12 ether);
        // Half is alice's; of the other half she has five sixths and carol one.
        vm.assertLe(11 ether - bonding.pendingFees(alice, 0), 2, "alice");
        vm.assertLe(1 ether - bonding.pendingFees(carol, 0), 2, "carol");
    }

    function test_books_to_the_current_round_whatever_round_it_is_told() public {
        addFees(alice, 1 ether);
        (,,,,,,,,, uint256 lastFeeRound) = bonding.getTranscoder(alice);
        vm.assertEq(lastFeeRound, FIRST_ROUND + 1);
    }

    // 2025-08: an inactive orchestrator shrank its stake and redeemed, which blew the fee factor up.
    function test_refuses_a_transcoder_that_is_not_active() public {
        bytes memory data = abi.encodeCall(bonding.updateTranscoderWithFees, (dave, 1, FIRST_ROUND));
        assertReverts(address(broker), address(bonding), data, "transcoder must be active");
        unbondAs(bob, 500 * LPT);
        addFees(bob, 1 ether);
        nextRound();
        data = abi.encodeCall(bonding.updateTranscoderWithFees, (bob, 1, FIRST_ROUND));
        assertReverts(address(broker), address(bonding), data, "transcoder must be active");
    }

    function test_is_reserved_to_the_ticket_broker() public {
        bytes memory data = abi.encodeCall(bonding.updateTranscoderWithFees, (alice, 1, FIRST_ROUND));
        assertReverts(stranger, address(bonding), data, "caller must be TicketBroker");
        assertReverts(owner, address(bonding), data, "caller must be TicketBroker");
    }

    // 2024-10 and version 12: own earnings above the stake would be paid from other people's money.
    function test_stops_if_own_earnings_ever_exceed_the_stake() public {
        bytes32 cumulativeRewards = bytes32(uint256(keccak256(abi.encode(alice, 4))) + 8);
        vm.store(address(bonding), cumulativeRewards, bytes32(uint256(1200 * LPT + 1)));
        (,,,,,,, uint256 rewards,,) = bonding.getTranscoder(alice);
        vm.assertEq(rewards, 1200 * LPT + 1);
        assertPanics(
            address(broker), address(bonding), abi.encodeCall(bonding.updateTranscoderWithFees, (alice, 1, 0)), 0x01
        );
    }

    function test_goes_on_if_own_earnings_are_all_the_stake() public {
        bytes32 cumulativeRewards = bytes32(uint256(keccak256(abi.encode(alice, 4))) + 8);
        vm.store(address(bonding), cumulativeRewards, bytes32(uint256(1200 * LPT)));
        addFees(alice, 1 ether);
        (,,,,,,,, uint256 fees,) = bonding.getTranscoder(alice);
        vm.assertEq(fees, 1 ether);
    }

    function test_needs_a_running_system() public {
        bytes memory data = abi.encodeCall(bonding.updateTranscoderWithFees, (alice, 1, FIRST_ROUND));
        assertNeedsRunningSystem(address(broker), address(bonding), data);
    }

    // Code4rena 2023, finding 165: with a treasury cut this subtraction failed and the ticket was lost.
    function test_works_after_missed_rewards_with_a_treasury_cut() public {
        bonding.setTreasuryRewardCutRate(ONE / 3);
        nextRound();
        nextRound();
        rewardAs(alice);
        addFees(alice, 12 ether);
        vm.assertLe(11 ether - bonding.pendingFees(alice, 0), 0.01 ether, "alice");
        vm.assertLe(bonding.pendingFees(alice, 0) + bonding.pendingFees(carol, 0), 12 ether, "no fees are invented");
    }

    function testFuzz_never_pays_out_more_than_came_in(uint96 first, uint96 second, bool rewardBetween) public {
        addFees(alice, first);
        if (rewardBetween) rewardAs(alice);
        addFees(alice, second);
        uint256 paid = bonding.pendingFees(alice, 0) + bonding.pendingFees(carol, 0);
        vm.assertLe(paid, uint256(first) + second, "more was paid than came in");
    }
}
