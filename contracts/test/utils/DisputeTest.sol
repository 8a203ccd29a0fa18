// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashing} from "../../src/bonding/ISlashing.sol";
import {IVerifier} from "../../src/verification/IVerifier.sol";
import {ProtocolTest} from "./ProtocolTest.sol";

/// @title A network with a registered Verifier
/// @dev alice (1000 LPT, and 200 from carol) is the accused, bob (500 LPT) and five jurors (1000 LPT each) judge, dave,
///      who has 10 LPT with bob, challenges. Round 1001.
abstract contract DisputeTest is ProtocolTest {
    uint256 internal constant JURORS = 5;
    bytes32 internal constant SECRET = keccak256("a secret");
    bytes32 internal constant SALT = keccak256("a salt");

    IVerifier internal disputes;
    ISlashing internal slashing;
    address[] internal jurors;

    function setUp() public virtual override {
        super.setUp();
        bonding.setNumActiveTranscoders(20);
        slashing = ISlashing(address(bonding));
        joinAs(alice, 1000 * LPT);
        joinAs(bob, 500 * LPT);
        bondAs(carol, 200 * LPT, alice);
        bondAs(dave, 10 * LPT, bob);
        jurors.push(bob);
        for (uint256 i = 0; i < JURORS; i++) {
            address juror = account(jurorName(i));
            jurors.push(juror);
            fund(juror, 2000 * LPT);
            joinAs(juror, 1000 * LPT);
        }
        nextRound();

        disputes = IVerifier(deployBehindProxy("Verifier", "Verifier"));
        disputes.setParameters(parameters());
        vm.prank(dave);
        token.approve(address(disputes), NEVER);
    }

    /// @dev Gives new LPT, as nobody else may mint.
    function fund(address who, uint256 amount) internal {
        token.grantRole(MINTER_ROLE, address(this));
        token.mint(who, amount);
        token.renounceRole(MINTER_ROLE, address(this));
        vm.prank(who);
        token.approve(address(bonding), NEVER);
    }

    function parameters() internal pure virtual returns (IVerifier.Parameters memory) {
        return IVerifier.Parameters({
            challengeBond: 12 * LPT,
            compensation: LPT,
            jurorFee: LPT / 10,
            absenceFine: 5 * LPT,
            dissentFine: 10 * LPT,
            slashAmount: 200_000,
            finderFee: 100_000,
            verdictThreshold: 600_000,
            seats: 101,
            minimumJurors: 3,
            disputeWindow: 1,
            answerBlocks: 5,
            drawBlocks: 5,
            commitBlocks: 10,
            revealBlocks: 10
        });
    }

    // What is disputed

    function newCommitment() internal view returns (IVerifier.SegmentCommitment memory) {
        return IVerifier.SegmentCommitment({
            sender: sender,
            recipient: alice,
            manifestId: "a stream",
            seq: 7,
            sourceHash: keccak256("source"),
            profilesHash: keccak256("profiles"),
            renditionsHash: keccak256("renditions"),
            pixels: 55_296_000,
            sessionId: "a session",
            round: rounds.currentRound()
        });
    }

    function signCommitment(string memory name, IVerifier.SegmentCommitment memory commitment)
        internal
        view
        returns (bytes memory)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(name), disputes.commitmentDigest(commitment));
        return abi.encodePacked(r, s, v);
    }

    // The steps of a dispute

    function announceAs(address who, IVerifier.SegmentCommitment memory commitment) internal {
        bytes32 digest = disputes.commitmentDigest(commitment);
        disputes.announce(keccak256(abi.encode(who, digest, keccak256(abi.encode(SECRET)), SALT)));
        rounds.mineBlocks(1);
    }

    function challengeData(IVerifier.SegmentCommitment memory commitment) internal view returns (bytes memory) {
        bytes memory signature = signCommitment("alice", commitment);
        return abi.encodeCall(disputes.challenge, (commitment, signature, keccak256(abi.encode(SECRET)), SALT));
    }

    function openDispute() internal returns (uint256 id) {
        IVerifier.SegmentCommitment memory commitment = newCommitment();
        announceAs(dave, commitment);
        bytes memory signature = signCommitment("alice", commitment);
        vm.prank(dave);
        return disputes.challenge(commitment, signature, keccak256(abi.encode(SECRET)), SALT);
    }

    function answerAs(address who, uint256 id) internal {
        vm.prank(who);
        disputes.answer(id, keccak256("an answer"));
    }

    function drawCommittee(uint256 id) internal {
        mineTo(disputes.getDispute(id).answerDeadline + 2);
        vm.prank(dave);
        disputes.draw(id, SECRET);
    }

    /// @dev A dispute that is answered and has its committee.
    function openWithCommittee() internal returns (uint256 id) {
        id = openDispute();
        answerAs(alice, id);
        drawCommittee(id);
    }

    function sealedVote(uint256 id, address juror, IVerifier.Vote vote) internal pure returns (bytes32) {
        return keccak256(abi.encode(id, juror, vote, SALT));
    }

    function commitAs(address juror, uint256 id, IVerifier.Vote vote) internal {
        vm.prank(juror);
        disputes.commitVote(id, sealedVote(id, juror, vote));
    }

    function revealAs(address juror, uint256 id, IVerifier.Vote vote) internal {
        vm.prank(juror);
        disputes.revealVote(id, vote, SALT);
    }

    /// @dev All jurors vote: the first `dissenters` of them `dissent`, the others `vote`.
    function voteAll(uint256 id, IVerifier.Vote vote, uint256 dissenters, IVerifier.Vote dissent) internal {
        for (uint256 i = 0; i < jurors.length; i++) {
            commitAs(jurors[i], id, i < dissenters ? dissent : vote);
        }
        mineTo(disputes.getDispute(id).commitDeadline + 1);
        for (uint256 i = 0; i < jurors.length; i++) {
            revealAs(jurors[i], id, i < dissenters ? dissent : vote);
        }
        mineTo(disputes.getDispute(id).revealDeadline + 1);
    }

    /// @dev A whole dispute in which all jurors vote the same.
    function disputeWithVerdict(IVerifier.Vote vote) internal returns (uint256 id) {
        id = openWithCommittee();
        voteAll(id, vote, 0, vote);
        disputes.settle(id);
    }

    function mineTo(uint256 blockNumber) internal {
        rounds.setBlockNum(blockNumber);
    }

    function outcomeOf(uint256 id) internal view returns (IVerifier.Outcome) {
        return disputes.getDispute(id).outcome;
    }

    function assertOutcome(uint256 id, IVerifier.Outcome outcome) internal view {
        vm.assertEq(uint256(outcomeOf(id)), uint256(outcome), "outcome");
    }

    function stepError(uint256 first, uint256 last) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IVerifier.OutsideStep.selector, first, last, rounds.blockNum());
    }

    function jurorName(uint256 i) internal pure returns (string memory) {
        return string.concat("juror ", string(abi.encodePacked(uint8(48 + i / 10), uint8(48 + i % 10))));
    }
}
