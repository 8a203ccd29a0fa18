// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Disputes about transcoded segments. UNAUDITED; off unless a network registers it
/// @notice An orchestrator signs what it delivers for every paid segment. Whoever has stake may challenge such a
///         commitment. The orchestrators that are active then, drawn by stake, transcode the segment again and vote. A
///         proven lie costs the orchestrator a part of its stake; a false challenge costs the challenger its bond.
/// @dev A dispute goes through these steps, each with a deadline in blocks:
///      announce, challenge, answer, draw, commitVote, revealVote, settle, and settleJuror once for each juror.
///      docs/concepts/slashing.md has the game's payoffs and the attacks. Only hashes and votes are on chain.
interface IVerifier {
    /// @dev What an orchestrator signs for one segment, as EIP-712 data of the domain Millrace, version 1, whose
    ///      verifying contract is the TicketBroker.
    struct SegmentCommitment {
        /// The gateway that paid
        address sender;
        /// The orchestrator that was paid and signed
        address recipient;
        string manifestId;
        uint64 seq;
        bytes32 sourceHash;
        bytes32 profilesHash;
        bytes32 renditionsHash;
        uint256 pixels;
        string sessionId;
        uint256 round;
    }

    struct Parameters {
        /// LPT that a challenge needs; pays the jurors and, if the challenge was false, the accused
        uint256 challengeBond;
        /// LPT that the accused gets of the bond of a challenge that was false or given up
        uint256 compensation;
        /// LPT a seat for jurors who vote as the verdict says
        uint256 jurorFee;
        /// LPT that a juror loses who does not vote, and an accused who does not answer
        uint256 absenceFine;
        /// LPT that a juror loses who votes against the verdict
        uint256 dissentFine;
        /// Part of its stake that a liar loses, in millionths
        uint32 slashAmount;
        /// Part of that for the challenger, in millionths
        uint32 finderFee;
        /// Part of the seats that a verdict must exceed, in millionths
        uint32 verdictThreshold;
        /// Seats of the committee, shared out in proportion to stake
        uint32 seats;
        /// Members that the pool must have beside the accused and the challenger
        uint32 minimumJurors;
        /// Rounds after that of a commitment in which it can be challenged; less than the unbonding period
        uint32 disputeWindow;
        /// Blocks of each step
        uint32 answerBlocks;
        uint32 drawBlocks;
        uint32 commitBlocks;
        uint32 revealBlocks;
    }

    enum Vote {
        None,
        /// The result is not what was asked of the source
        Lie,
        /// The result is what was asked
        Honest,
        /// Source or result could not be had, or do not have the hashes of the commitment
        Unavailable
    }

    enum Outcome {
        Open,
        /// Lied, final
        Lie,
        /// Did what was asked, final
        Honest,
        /// The challenger did not make source and result available
        Unavailable,
        /// No side had enough seats
        Hung,
        /// The challenger did not open its secret in time
        GivenUp,
        /// Another dispute about the same commitment was decided first
        Moot,
        /// The Verifier was not registered when the dispute should have ended
        Void
    }

    struct Dispute {
        address challenger;
        address accused;
        bytes32 commitment;
        /// Active orchestrators of this round, with their stake at its start, are the jurors
        uint256 round;
        uint256 parametersVersion;
        bytes32 secretHash;
        /// What the accused has put into the seed
        bytes32 answer;
        bytes32 seed;
        /// Stake of all jurors
        uint256 eligibleStake;
        uint64 answerDeadline;
        uint64 commitDeadline;
        uint64 revealDeadline;
        bool answered;
        Outcome outcome;
        uint256 lieSeats;
        uint256 honestSeats;
        uint256 unavailableSeats;
        /// LPT a seat for the jurors who are paid; less than jurorFee if the bond does not reach
        uint256 feePerSeat;
        /// Unbonding locks below this id have yet to be slashed
        uint256 locksLeft;
    }

    struct Ballot {
        bytes32 commitment;
        /// None until it is revealed
        Vote vote;
        /// Paid or fined
        bool settled;
    }

    /// @notice `challenger` has put up its bond against a commitment of `accused`, and its evidence must have these hashes.
    event Challenged(
        uint256 indexed id,
        address indexed accused,
        address indexed challenger,
        bytes32 commitment,
        bytes32 sourceHash,
        bytes32 profilesHash,
        bytes32 renditionsHash,
        uint256 answerDeadline
    );

    /// @notice The accused takes part.
    event Answered(uint256 indexed id);

    /// @notice The committee is fixed: `seatsOf` tells who has how many seats.
    event CommitteeDrawn(uint256 indexed id, bytes32 seed, uint256 commitDeadline, uint256 revealDeadline);

    /// @notice The juror has committed to a vote.
    event VoteCommitted(uint256 indexed id, address indexed juror);

    /// @notice The juror has voted with `seats` seats.
    event VoteRevealed(uint256 indexed id, address indexed juror, Vote vote, uint256 seats);

    /// @notice The dispute is over.
    event DisputeEnded(uint256 indexed id, Outcome outcome);

    /// @notice The juror got `fee` LPT or lost `fine` LPT.
    event JurorSettled(uint256 indexed id, address indexed juror, uint256 fee, uint256 fine);

    /// @notice Disputes from now on have these parameters.
    event ParametersSet(uint256 version, Parameters parameters);

    /// @notice `amount` LPT was paid out.
    event Withdrawn(address indexed account, uint256 amount);

    /// @dev The parameter named cannot have the value it was given.
    error InvalidParameter(string name);
    /// @dev The Controller does not name this contract as its Verifier.
    error NotRegistered();
    /// @dev This needs an announcement in an earlier block; make one first.
    error NotAnnounced(bytes32 announcement);
    /// @dev The same announcement was made before; choose another salt.
    error AlreadyAnnounced(bytes32 announcement);
    /// @dev A challenger needs stake that is bonded.
    error NotBonded(address challenger);
    /// @dev The commitment is not signed by its recipient.
    error InvalidSignature();
    /// @dev The commitment's round lies in the future, or too far back to be challenged.
    error OutsideDisputeWindow(uint256 commitmentRound, uint256 currentRound);
    /// @dev A commitment is decided once.
    error AlreadyDecided(bytes32 commitment);
    /// @dev The pool has too few members to judge.
    error TooFewJurors(uint256 available, uint256 needed);
    /// @dev The sender is not the one who may do this.
    error InvalidCaller(address caller);
    /// @dev The step is not due yet, or its time is over: it can be taken in blocks from `first` to `last`.
    error OutsideStep(uint256 first, uint256 last, uint256 blockNumber);
    /// @dev The dispute is over, or does not exist.
    error NotOpen(uint256 id);
    /// @dev The dispute goes on.
    error StillOpen(uint256 id);
    /// @dev What was opened is not what was committed to.
    error WrongOpening();
    /// @dev This was done before.
    error AlreadyDone();
    /// @dev The account has no seat in this dispute.
    error NotJuror(address account);
    /// @dev A vote must be Lie, Honest or Unavailable.
    error InvalidVote();

    /// @notice Sets the parameters of all later disputes. Controller owner only.
    function setParameters(Parameters calldata _parameters) external;

    /// @notice Keeps a challenge from being copied: what is challenged comes out only a block later.
    /// @param _announcement keccak256 of the ABI encoding of challenger, commitment digest, secret hash and salt
    function announce(bytes32 _announcement) external;

    /// @notice Challenges a commitment. Takes the bond, by transferFrom, and freezes the stake of the accused.
    /// @param _secretHash keccak256 of a secret of 32 bytes, which `draw` will need
    /// @param _salt The salt of the announcement
    /// @return id Number of the dispute
    function challenge(
        SegmentCommitment calldata _commitment,
        bytes calldata _signature,
        bytes32 _secretHash,
        bytes32 _salt
    ) external returns (uint256 id);

    /// @notice The accused takes part and adds to the seed what nobody else could know. Not doing so costs a fine.
    function answer(uint256 _id, bytes32 _answer) external;

    /// @notice Draws the committee from the challenger's secret, the answer and the hash of the block after the deadline.
    function draw(uint256 _id, bytes32 _secret) external;

    /// @notice Ends a dispute whose challenger did not draw in time.
    function giveUp(uint256 _id) external;

    /// @notice Commits the calling juror to a vote.
    /// @param _vote keccak256 of the ABI encoding of dispute, juror, vote and salt
    function commitVote(uint256 _id, bytes32 _vote) external;

    /// @notice Opens the calling juror's vote.
    function revealVote(uint256 _id, Vote _vote, bytes32 _salt) external;

    /// @notice Counts, slashes a liar, and shares out the bond.
    function settle(uint256 _id) external;

    /// @notice Pays or fines one juror of a dispute that is over.
    function settleJuror(uint256 _id, address _juror) external;

    /// @notice Goes on with a liar's unbonding locks, the newest first, where it has more than one slash reaches.
    function slashMoreLocks(uint256 _id, uint256 _count) external;

    /// @notice Returns the bond of a dispute that cannot go on because this contract is not registered any more.
    function dissolve(uint256 _id) external;

    /// @notice Pays the caller what disputes have brought it.
    function withdraw() external;

    /// @notice The parameters of disputes that begin now.
    function currentParameters() external view returns (Parameters memory);

    /// @notice The parameters of a version.
    function parametersOf(uint256 _version) external view returns (Parameters memory);

    /// @notice Disputes so far; they are numbered from 1.
    function disputeCount() external view returns (uint256);

    /// @notice A dispute.
    function getDispute(uint256 _id) external view returns (Dispute memory);

    /// @notice Seats of the account in the dispute; 0 before the committee is drawn.
    function seatsOf(uint256 _id, address _account) external view returns (uint256);

    /// @notice What the juror has committed to and voted so far.
    function getBallot(uint256 _id, address _juror) external view returns (Ballot memory);

    /// @notice What was decided about a commitment: Lie, Honest, or Open if nothing was.
    function decisionOn(bytes32 _commitment) external view returns (Outcome);

    /// @notice LPT that the account can withdraw.
    function balanceOf(address _account) external view returns (uint256);

    /// @notice The digest that the orchestrator signs.
    function commitmentDigest(SegmentCommitment calldata _commitment) external view returns (bytes32);
}
