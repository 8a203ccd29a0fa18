import type { Lpt, Round } from '@millrace/base'
import { bondingVotesAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import { lower, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get } = openContract(bondingVotesAbi, (client) => client.addresses.bondingVotes)

/** How the clock of votes counts: in rounds. */
export const clockMode = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'CLOCK_MODE', [], at)

/** The current round. */
export const clock = (client: ChainClient, at: At = {}): Promise<Round> => get(client, 'clock', [], at).then(BigInt)

/** Decimals of voting power. */
export const decimals = (client: ChainClient, at: At = {}): Promise<number> => get(client, 'decimals', [], at)

/** The account to which somebody was bonded after a past round. */
export const delegatedAt = (
  client: ChainClient,
  past: { readonly account: Address; readonly round: Round },
  at: At = {},
): Promise<Address> => get(client, 'delegatedAt', [past.account, past.round], at).then(lower)

/** The account to which somebody is bonded, from the next round on. */
export const delegates = (client: ChainClient, account: Address, at: At = {}): Promise<Address> =>
  get(client, 'delegates', [account], at).then(lower)

/** All voting power at the end of a past round. */
export const getPastTotalSupply = (client: ChainClient, round: Round, at: At = {}): Promise<Lpt> =>
  get(client, 'getPastTotalSupply', [round], at)

/** Voting power of an account at the end of a past round; an orchestrator has that of all who delegate to it. */
export const getPastVotes = (
  client: ChainClient,
  past: { readonly account: Address; readonly round: Round },
  at: At = {},
): Promise<Lpt> => get(client, 'getPastVotes', [past.account, past.round], at)

/** Stake that was active when a round began. */
export const getTotalActiveStakeAt = (client: ChainClient, round: Round, at: At = {}): Promise<Lpt> =>
  get(client, 'getTotalActiveStakeAt', [round], at)

/** Voting power of an account from the next round on. */
export const getVotes = (client: ChainClient, account: Address, at: At = {}): Promise<Lpt> =>
  get(client, 'getVotes', [account], at)

/** An account's voting power and the account to which it is bonded. */
export type VotesAndDelegate = {
  readonly votes: Lpt
  readonly delegateAddress: Address
}

/** Voting power and delegate of an account when a round began. */
export const getVotesAndDelegateAtRoundStart = async (
  client: ChainClient,
  past: { readonly account: Address; readonly round: Round },
  at: At = {},
): Promise<VotesAndDelegate> => {
  const [votes, delegateAddress] = await get(client, 'getVotesAndDelegateAtRoundStart', [past.account, past.round], at)
  return { votes, delegateAddress: lower(delegateAddress) }
}

/** False for an account that bonded before votes were kept and was never checkpointed: it has no votes. */
export const hasCheckpoint = (client: ChainClient, account: Address, at: At = {}): Promise<boolean> =>
  get(client, 'hasCheckpoint', [account], at)

/** Name of the voting power. */
export const name = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'name', [], at)

/** Symbol of the voting power. */
export const symbol = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'symbol', [], at)

/** All voting power, from the next round on. */
export const totalSupply = (client: ChainClient, at: At = {}): Promise<Lpt> => get(client, 'totalSupply', [], at)
