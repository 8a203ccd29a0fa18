/** How much a network's faucet gives, and how often. */
export type FaucetParameters = {
  /** LPT base units per request. */
  readonly requestAmount: bigint
  /** Hours between two requests of one account. */
  readonly requestWaitHours: bigint
  /** LPT base units minted to the faucet when the network is made. */
  readonly stock: bigint
}

/** By which rules stakers decide about the treasury. */
export type GovernanceParameters = {
  /** Rounds from a proposal to the snapshot of stakes, after which voting begins. */
  readonly votingDelay: bigint
  /** Rounds in which one can vote. */
  readonly votingPeriod: bigint
  /** Votes in LPT base units that a proposer needs. */
  readonly proposalThreshold: bigint
  /** Millionths of all votes that must be cast. */
  readonly quorum: bigint
  /** Millionths of the votes for and against that must be for a proposal. */
  readonly quota: bigint
}

/** Everything that makes one Livepeer network differ from another on chain. */
export type NetworkParameters = {
  /** Issuance per round at the start, in billionths of the supply. */
  readonly inflation: bigint
  /** Billionths by which inflation moves each round. */
  readonly inflationChange: bigint
  /** Billionths of the supply that should be bonded. */
  readonly targetBondingRate: bigint
  /** Rounds that unbonded stake stays locked. */
  readonly unbondingPeriod: bigint
  /** Transcoders that can be active at once. */
  readonly numActiveTranscoders: bigint
  /** The treasury's part of rewards, 10n ** 27n being all. */
  readonly treasuryRewardCutRate: bigint
  /** Treasury balance in LPT base units at which its part ends, 0n for no limit. */
  readonly treasuryBalanceCeiling: bigint
  /** Blocks per round. */
  readonly roundLength: bigint
  /** Millionths of a round, at its end, in which transcoders cannot change their terms. */
  readonly roundLockAmount: bigint
  /** Rounds between a sender's unlock and its withdrawal. */
  readonly unlockPeriod: bigint
  /** Rounds in which a ticket can be redeemed, that of its creation included. */
  readonly ticketValidityPeriod: bigint
  /** Rules of the treasury's governor, used where one is deployed. */
  readonly governance: GovernanceParameters
  /** Left out where LPT is worth something. */
  readonly faucet?: FaucetParameters
}

const lpt = 10n ** 18n

/** Values of the live network; inflation is that of the Minter's deployment in February 2022. */
export const arbitrumOne: NetworkParameters = {
  inflation: 220_500n,
  inflationChange: 500n,
  targetBondingRate: 500_000_000n,
  unbondingPeriod: 7n,
  numActiveTranscoders: 100n,
  treasuryRewardCutRate: 10n ** 26n,
  treasuryBalanceCeiling: 750_000n * lpt,
  roundLength: 6_377n,
  roundLockAmount: 100_000n,
  unlockPeriod: 2n,
  ticketValidityPeriod: 2n,
  governance: { votingDelay: 1n, votingPeriod: 10n, proposalThreshold: 100n * lpt, quorum: 333_300n, quota: 500_000n },
}

/**
 * The live network's rules with rounds of a minute at one block per second, votes that take minutes, and LPT for the
 * asking.
 */
export const devnet: NetworkParameters = {
  ...arbitrumOne,
  roundLength: 60n,
  governance: { ...arbitrumOne.governance, votingPeriod: 2n },
  faucet: { requestAmount: 10n * lpt, requestWaitHours: 1n, stock: 1_000_000n * lpt },
}
