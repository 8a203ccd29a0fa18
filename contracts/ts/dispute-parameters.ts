/** The Verifier's parameters; amounts are LPT base units, parts are millionths. contracts/src/verification/IVerifier.sol explains each. */
export type DisputeParameters = {
  readonly challengeBond: bigint
  readonly compensation: bigint
  readonly jurorFee: bigint
  readonly absenceFine: bigint
  readonly dissentFine: bigint
  readonly slashAmount: number
  readonly finderFee: number
  readonly verdictThreshold: number
  readonly seats: number
  readonly minimumJurors: number
  /** Rounds, less than the unbonding period. */
  readonly disputeWindow: number
  readonly answerBlocks: number
  readonly drawBlocks: number
  readonly commitBlocks: number
  readonly revealBlocks: number
}

const lpt = 10n ** 18n

/** What docs/concepts/slashing.md derives for a network of a hundred orchestrators with blocks of 12 s. UNAUDITED. */
export const strictVerification: DisputeParameters = {
  challengeBond: 12n * lpt,
  compensation: lpt,
  jurorFee: lpt / 10n,
  absenceFine: 5n * lpt,
  dissentFine: 10n * lpt,
  slashAmount: 200_000,
  finderFee: 100_000,
  verdictThreshold: 600_000,
  seats: 101,
  minimumJurors: 10,
  disputeWindow: 3,
  answerBlocks: 1_800,
  drawBlocks: 240,
  commitBlocks: 1_800,
  revealBlocks: 1_800,
}

/** The same rules for a laptop: steps of seconds at one block a second, and three orchestrators are enough to judge. */
export const strictVerificationOnDevnet: DisputeParameters = {
  ...strictVerification,
  minimumJurors: 3,
  answerBlocks: 5,
  drawBlocks: 60,
  commitBlocks: 10,
  revealBlocks: 10,
}
