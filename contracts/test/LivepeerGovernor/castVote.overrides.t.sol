// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsManager} from "../../src/rounds/IRoundsManager.sol";
import {GovernanceTest} from "../utils/GovernanceTest.sol";

contract LivepeerGovernor_castVote_overrides_Test is GovernanceTest {
    function test_a_delegator_takes_its_stake_out_of_a_vote_that_its_transcoder_has_cast() public {
        for (uint8 support = AGAINST; support <= ABSTAIN; support++) {
            Proposal memory p = payment(erin, support + 1);
            uint256 id = startVoting(p);
            voteAs(alice, id, support);
            uint256[3] memory votesOf;
            votesOf[support] = 1200 * LPT;
            assertVotes(id, votesOf[0], votesOf[1], votesOf[2]);

            uint8 other = (support + 1) % 3;
            vm.assertEq(voteAs(carol, id, other), 200 * LPT);
            votesOf[support] = 1000 * LPT;
            votesOf[other] = 200 * LPT;
            assertVotes(id, votesOf[0], votesOf[1], votesOf[2]);
        }
    }

    function test_a_delegator_that_votes_first_is_left_out_of_its_transcoders_vote() public {
        uint256 id = startVoting(payment(erin, LPT));
        voteAs(carol, id, AGAINST);
        assertVotes(id, 200 * LPT, 0, 0);
        // The event and the answer name the whole weight, the count has what is left of it.
        vm.assertEq(voteAs(alice, id, FOR), 1200 * LPT);
        assertVotes(id, 200 * LPT, 1000 * LPT, 0);
    }

    function test_a_delegator_that_agrees_changes_nothing() public {
        uint256 id = startVoting(payment(erin, LPT));
        voteAs(alice, id, FOR);
        voteAs(carol, id, FOR);
        assertVotes(id, 0, 1200 * LPT, 0);
    }

    function test_several_delegators_vote_before_and_after() public {
        bondAs(dave, 30 * LPT, alice);
        bondAs(erin, 70 * LPT, alice);
        uint256 id = startVoting(payment(stranger, LPT));
        voteAs(carol, id, AGAINST);
        voteAs(dave, id, ABSTAIN);
        voteAs(alice, id, FOR);
        assertVotes(id, 200 * LPT, 1000 * LPT + 70 * LPT, 30 * LPT);
        voteAs(erin, id, AGAINST);
        assertVotes(id, 270 * LPT, 1000 * LPT, 30 * LPT);
        voteAs(bob, id, FOR);
        assertVotes(id, 270 * LPT, 1500 * LPT, 30 * LPT);
    }

    function test_overriding_does_not_touch_the_vote_of_another_transcoder() public {
        uint256 id = startVoting(payment(erin, LPT));
        voteAs(bob, id, FOR);
        voteAs(carol, id, AGAINST);
        assertVotes(id, 200 * LPT, 500 * LPT, 0);
    }

    // P#626, Code4rena 2023: a vote was taken out of that of a delegate which is no transcoder itself, so that
    // anybody could shrink somebody else's count by bonding to it.
    function test_P626_the_vote_of_a_delegate_that_is_no_transcoder_is_left_alone() public {
        bondAs(dave, 50 * LPT, carol);
        uint256 id = startVoting(payment(erin, LPT));
        vm.assertEq(votes.delegatedAt(dave, 1002), carol);
        voteAs(carol, id, FOR);
        assertVotes(id, 0, 200 * LPT, 0);
        vm.assertEq(voteAs(dave, id, AGAINST), 0);
        assertVotes(id, 0, 200 * LPT, 0);
    }

    // The same where votes are not yet refused to whoever bonds to such a delegate: each counts what it has.
    function test_P626_also_with_votes_for_everybody() public {
        uint256 id = startVoting(payment(erin, LPT));
        LooseVotes loose = new LooseVotes(address(rounds));
        loose.set(dave, carol, 50 * LPT);
        loose.set(carol, alice, 200 * LPT);
        loose.set(alice, alice, 1200 * LPT);
        register("BondingVotes", address(loose));
        governor.bumpGovernorVotesTokenAddress();
        voteAs(carol, id, FOR);
        voteAs(dave, id, AGAINST);
        assertVotes(id, 50 * LPT, 200 * LPT, 0);
        voteAs(alice, id, FOR);
        assertVotes(id, 50 * LPT, 1200 * LPT, 0);
    }

    // Code4rena 2023, P#625: the delegator of a transcoder that has left has no votes, whether it votes or not.
    function test_P625_the_delegator_of_a_transcoder_that_left_votes_with_nothing() public {
        uint256 id = proposeAs(alice, payment(erin, LPT));
        unbondAs(alice, 1000 * LPT);
        skipRounds(2);
        vm.assertEq(voteAs(alice, id, FOR), 0);
        vm.assertEq(voteAs(carol, id, FOR), 0);
        assertVotes(id, 0, 0, 0);
    }

    // P#628: stake bonded to nobody, or of nobody, would have let anyone vote for the zero address.
    function test_P628_nobody_cannot_be_given_stake_and_stake_bonded_to_nobody_has_no_votes() public {
        bytes memory data = abi.encodeCall(
            bonding.bondForWithHint, (LPT, address(0), alice, address(0), address(0), address(0), address(0))
        );
        assertReverts(dave, address(bonding), data, "INVALID_DELEGATOR");
        bondAs(dave, 50 * LPT, address(0));
        uint256 id = startVoting(payment(erin, LPT));
        vm.assertEq(voteAs(dave, id, FOR), 0);
        vm.assertEq(voteAs(address(0), id, FOR), 0);
        assertVotes(id, 0, 0, 0);
    }

    // P#622: some actions wrote two checkpoints of one round; only the last value may count.
    function test_P622_stake_changed_several_times_in_a_round_counts_once_and_with_its_last_value() public {
        bondAs(dave, 10 * LPT, dave);
        bondAs(dave, 10 * LPT, dave);
        bondAs(erin, 5 * LPT, dave);
        bondAs(erin, 3 * LPT, dave);
        unbondAs(bob, 100 * LPT);
        unbondAs(bob, 50 * LPT);
        uint256 id = startVoting(payment(stranger, LPT));
        vm.assertEq(voteAs(dave, id, FOR), 28 * LPT);
        voteAs(erin, id, AGAINST);
        assertVotes(id, 8 * LPT, 20 * LPT, 0);
        vm.assertEq(voteAs(bob, id, FOR), 350 * LPT);
    }

    // P#633: votes were reckoned with fees, which failed where a transcoder's fee factor had not been set.
    function test_P633_fees_do_not_keep_anybody_from_voting() public {
        fundSender(10 ether, 0);
        redeem(newTicket(alice, 1 ether, 1));
        nextRound();
        rewardAs(alice);
        uint256 id = startVoting(payment(erin, LPT));
        uint256 total = bonding.transcoderTotalStake(alice);
        uint256 stake = bonding.pendingStake(carol, 0);
        vm.assertEq(voteAs(alice, id, FOR), total);
        vm.assertEq(voteAs(carol, id, AGAINST), stake);
        assertVotes(id, stake, total - stake, 0);
    }

    function testFuzz_no_stake_counts_twice_whatever_the_order(uint256 order, uint8 a, uint8 b, uint8 c, uint8 d)
        public
    {
        bondAs(dave, 30 * LPT, alice);
        uint256 id = startVoting(payment(erin, LPT));
        address[4] memory voters = [alice, bob, carol, dave];
        uint8[4] memory choices = [a % 3, b % 3, c % 3, d % 3];
        for (uint256 left = 4; left > 0; left--) {
            uint256 next = order % left;
            order /= left;
            voteAs(voters[next], id, choices[next]);
            (voters[next], choices[next]) = (voters[left - 1], choices[left - 1]);
        }
        uint256[3] memory expected;
        expected[a % 3] += 1000 * LPT;
        expected[b % 3] += 500 * LPT;
        expected[c % 3] += 200 * LPT;
        expected[d % 3] += 30 * LPT;
        assertVotes(id, expected[0], expected[1], expected[2]);
        vm.assertEq(governor.token().getPastTotalSupply(1002), 1730 * LPT);
    }
}

/// @title Voting power without the rule that a delegator needs a transcoder
contract LooseVotes {
    address private immutable rounds;
    mapping(address => address) private delegates;
    mapping(address => uint256) private votes;

    constructor(address _rounds) {
        rounds = _rounds;
    }

    function set(address account, address delegate, uint256 amount) external {
        (delegates[account], votes[account]) = (delegate, amount);
    }

    function clock() external view returns (uint48) {
        return uint48(IRoundsManager(rounds).currentRound());
    }

    function getPastVotes(address account, uint256) external view returns (uint256) {
        return votes[account];
    }

    function delegatedAt(address account, uint256) external view returns (address) {
        return delegates[account];
    }
}
