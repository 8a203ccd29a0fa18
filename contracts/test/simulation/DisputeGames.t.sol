// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVerifier} from "../../src/verification/IVerifier.sol";
import {DisputeTest} from "../utils/DisputeTest.sol";

/// @title Whole disputes with random committees, liars, colluders, absentees and mistakes
/// @notice Every game is played on the real contracts from the same state. DISPUTE_GAMES sets how many.
contract DisputeGames is DisputeTest {
    uint256 private constant PLAYERS = 24;
    /// @dev Millionths: an honest juror misjudges, or is not there.
    uint256 private constant MISTAKES = 20_000;
    uint256 private constant ABSENCES = 50_000;
    /// @dev What a liar saves at most with one segment: the whole fee of two seconds in four renditions, as LPT.
    uint256 private constant FEE_OF_A_SEGMENT = LPT / 10_000;
    /// @dev One segment in so many is looked at again by somebody.
    uint256 private constant SAMPLING = 1000;

    event log_named_uint(string key, uint256 value);
    event log_named_decimal_int(string key, int256 value, uint256 decimals);

    struct Totals {
        uint256 honest;
        uint256 honestSlashed;
        uint256 liars;
        uint256 liarsSlashed;
        uint256 taken;
    }

    mapping(address => bool) private colludes;
    uint256 private random;

    function setUp() public override {
        super.setUp();
        bonding.setNumActiveTranscoders(PLAYERS + 8);
        for (uint256 i = JURORS; i < PLAYERS; i++) {
            address juror = account(jurorName(i));
            jurors.push(juror);
            // Stakes as uneven as on a real network: from 100 to 5,000.
            uint256 stake = (100 + (i * i * i * 4900) / (PLAYERS * PLAYERS * PLAYERS)) * LPT;
            fund(juror, stake);
            joinAs(juror, stake);
        }
        nextRound();
    }

    function test_honest_orchestrators_keep_their_stake_and_lying_does_not_pay() public {
        uint256 games = vm.envOr("DISPUTE_GAMES", uint256(30));
        Totals memory totals = playAll(games, 333_333);
        report(totals, 17_000);

        // docs/concepts/slashing.md: with a third of the stake colluding, at most 1.7 in 10,000.
        vm.assertLe(totals.honestSlashed * 10_000, totals.honest * 2, "honest orchestrators slashed");
        vm.assertGt(totals.liarsSlashed * 10, totals.liars * 8, "liars slashed");
        vm.assertTrue(profitOfLying(totals) < 0, "lying pays");
    }

    /// @dev A committee too small to be safe, with a third of the stake against it at all times: the bound of the
    ///      concept page must hold here, too, where it is large enough to be seen.
    function test_the_bound_holds_for_a_small_committee_as_well() public {
        IVerifier.Parameters memory changed = parameters();
        changed.seats = 9;
        disputes.setParameters(changed);
        uint256 games = vm.envOr("DISPUTE_GAMES", uint256(30));
        Totals memory totals = playAll(games, 0);
        report(totals, 46_200_000);
        // exp(-9/3 * (1.8 ln 1.8 - 0.8)) = 0.462
        vm.assertLe(totals.honestSlashed * 1000, totals.honest * 462, "honest orchestrators slashed");
    }

    /// @dev `maximum` colluding stake in millionths, drawn anew for each game; 0 for a third in every game.
    function playAll(uint256 games, uint256 maximum) private returns (Totals memory totals) {
        uint256 start = vm.snapshotState();
        for (uint256 game = 0; game < games; game++) {
            random = uint256(keccak256(abi.encode("game", game, maximum)));
            uint256 part = maximum == 0 ? 333_333 : draw(maximum + 1);
            bool lies = game % 2 == 0;
            uint256 taken = play(lies, part);
            if (lies) {
                totals.liars++;
                totals.taken += taken;
                if (taken > 0) totals.liarsSlashed++;
            } else {
                totals.honest++;
                if (taken > 0) totals.honestSlashed++;
            }
            vm.revertToState(start);
        }
    }

    /// @dev Returns what alice has lost.
    function play(bool lies, uint256 colludingPart) private returns (uint256) {
        rounds.setBlockHash(keccak256(abi.encode(random)));
        chooseColluders(colludingPart);
        uint256 before = bondedAmountOf(alice);
        uint256 id = openWithCommittee();
        IVerifier.Vote[] memory votes = new IVerifier.Vote[](jurors.length);
        for (uint256 i = 0; i < jurors.length; i++) {
            if (disputes.seatsOf(id, jurors[i]) == 0) continue;
            votes[i] = voteOf(jurors[i], lies);
            if (votes[i] != IVerifier.Vote.None) commitAs(jurors[i], id, votes[i]);
        }
        mineTo(disputes.getDispute(id).commitDeadline + 1);
        for (uint256 i = 0; i < jurors.length; i++) {
            if (votes[i] != IVerifier.Vote.None) revealAs(jurors[i], id, votes[i]);
        }
        mineTo(disputes.getDispute(id).revealDeadline + 1);
        disputes.settle(id);
        return before - bondedAmountOf(alice);
    }

    function voteOf(address juror, bool lies) private returns (IVerifier.Vote) {
        bool truth = lies;
        if (colludes[juror]) truth = !lies;
        else if (draw(1_000_000) < ABSENCES) return IVerifier.Vote.None;
        else if (draw(1_000_000) < MISTAKES) truth = !lies;
        return truth ? IVerifier.Vote.Lie : IVerifier.Vote.Honest;
    }

    /// @dev Adds jurors in random order as long as their stake stays within the part.
    function chooseColluders(uint256 part) private {
        uint256 left = totalJurorStake() * part / 1_000_000;
        uint256 offset = draw(jurors.length);
        for (uint256 i = 0; i < jurors.length; i++) {
            address juror = jurors[(offset + i * 7) % jurors.length];
            uint256 stake = bonding.transcoderTotalStake(juror);
            colludes[juror] = stake <= left;
            if (stake <= left) left -= stake;
        }
    }

    function totalJurorStake() private view returns (uint256 sum) {
        for (uint256 i = 0; i < jurors.length; i++) {
            sum += bonding.transcoderTotalStake(jurors[i]);
        }
    }

    function draw(uint256 range) private returns (uint256) {
        random = uint256(keccak256(abi.encode(random)));
        return random % range;
    }

    /// @dev Per segment: the fee kept, less what the dispute takes in the cases that are looked at.
    function profitOfLying(Totals memory totals) private pure returns (int256) {
        return int256(FEE_OF_A_SEGMENT) - int256(totals.taken / totals.liars / SAMPLING);
    }

    /// @dev `limit`: the bound that docs/concepts/slashing.md derives, in parts of 100 million.
    function report(Totals memory totals, int256 limit) private {
        emit log_named_uint("games with an honest orchestrator", totals.honest);
        emit log_named_uint("honest orchestrators slashed", totals.honestSlashed);
        int256 part = int256(totals.honestSlashed * 100_000_000 / totals.honest);
        emit log_named_decimal_int("P(honest slashed), in percent", part, 6);
        emit log_named_decimal_int("bound on it, in percent", limit, 6);
        emit log_named_uint("games with a liar", totals.liars);
        emit log_named_uint("liars slashed", totals.liarsSlashed);
        emit log_named_decimal_int(
            "profit of one lie, one segment in 1000 looked at, in LPT", profitOfLying(totals), 18
        );
    }
}
