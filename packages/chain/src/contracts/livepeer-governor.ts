import type { Lpt, Perc6, Round, Wei } from '@millrace/base'
import { livepeerGovernorAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { Hex } from 'viem'
import type { ChainClient } from '../client.ts'
import { ChainError } from '../errors.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(livepeerGovernorAbi, governorOf)

const PROPOSAL_STATE = [
  'pending',
  'active',
  'canceled',
  'defeated',
  'succeeded',
  'queued',
  'expired',
  'executed',
] as const

export type ProposalState = (typeof PROPOSAL_STATE)[number]

function governorOf(client: ChainClient): Address {
  const { livepeerGovernor } = client.addresses
  if (!livepeerGovernor) throw new ChainError('no_contract', 'stakers of this network do not govern its treasury')
  return livepeerGovernor
}

/** Type of the signed data that `castVoteBySig` takes. */
export const ballotTypehash = (client: ChainClient, at: At = {}): Promise<Hex> => get(client, 'BALLOT_TYPEHASH', [], at)

/** How the clock of votes counts: in rounds. */
export const clockMode = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'CLOCK_MODE', [], at)

/** What votes there are, and which count for the quorum. */
export const countingMode = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'COUNTING_MODE', [], at)

/** Type of the signed data that `castVoteWithReasonAndParamsBySig` takes. */
export const extendedBallotTypehash = (client: ChainClient, at: At = {}): Promise<Hex> =>
  get(client, 'EXTENDED_BALLOT_TYPEHASH', [], at)

/** Takes over a new BondingVotes from the Controller; anybody may. */
export const bumpGovernorVotesTokenAddress = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'bumpGovernorVotesTokenAddress', [], call)

/** Cancels a proposal before votes begin. For its proposer. */
export const cancel = (
  client: ChainClient,
  sender: TxSender,
  proposal: {
    readonly targets: readonly Address[]
    readonly values: readonly bigint[]
    readonly calldatas: readonly Hex[]
    readonly descriptionHash: Hex
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'cancel',
    [proposal.targets, proposal.values, proposal.calldatas, proposal.descriptionHash],
    call,
  )

/** Votes: 0 against, 1 for, 2 abstain. Delegated stake votes for itself here, and no longer with its orchestrator. */
export const castVote = (
  client: ChainClient,
  sender: TxSender,
  ballot: { readonly proposalId: bigint; readonly support: number },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'castVote', [ballot.proposalId, ballot.support], call)

/** Votes with a signature. */
export const castVoteBySig = (
  client: ChainClient,
  sender: TxSender,
  ballot: {
    readonly proposalId: bigint
    readonly support: number
    readonly v: number
    readonly r: Hex
    readonly s: Hex
  },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'castVoteBySig', [ballot.proposalId, ballot.support, ballot.v, ballot.r, ballot.s], call)

/** Votes and says why. */
export const castVoteWithReason = (
  client: ChainClient,
  sender: TxSender,
  ballot: { readonly proposalId: bigint; readonly support: number; readonly reason: string },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'castVoteWithReason', [ballot.proposalId, ballot.support, ballot.reason], call)

/** Votes and says why, with data that this governor ignores. */
export const castVoteWithReasonAndParams = (
  client: ChainClient,
  sender: TxSender,
  ballot: { readonly proposalId: bigint; readonly support: number; readonly reason: string; readonly params: Hex },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'castVoteWithReasonAndParams',
    [ballot.proposalId, ballot.support, ballot.reason, ballot.params],
    call,
  )

/** The same with a signature. */
export const castVoteWithReasonAndParamsBySig = (
  client: ChainClient,
  sender: TxSender,
  ballot: {
    readonly proposalId: bigint
    readonly support: number
    readonly reason: string
    readonly params: Hex
    readonly v: number
    readonly r: Hex
    readonly s: Hex
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'castVoteWithReasonAndParamsBySig',
    [ballot.proposalId, ballot.support, ballot.reason, ballot.params, ballot.v, ballot.r, ballot.s],
    call,
  )

/** The current round. */
export const clock = (client: ChainClient, at: At = {}): Promise<Round> => get(client, 'clock', [], at).then(BigInt)

/** Carries out a queued proposal, with ether of the sender if it needs any; anybody may. */
export const execute = (
  client: ChainClient,
  sender: TxSender,
  proposal: {
    readonly targets: readonly Address[]
    readonly values: readonly bigint[]
    readonly calldatas: readonly Hex[]
    readonly descriptionHash: Hex
  },
  value: Wei,
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'execute', [proposal.targets, proposal.values, proposal.calldatas, proposal.descriptionHash], {
    ...call,
    value: value,
  })

/** Voting power of an account at the end of a past round. */
export const getVotes = (
  client: ChainClient,
  past: { readonly account: Address; readonly timepoint: Round },
  at: At = {},
): Promise<Lpt> => get(client, 'getVotes', [past.account, past.timepoint], at)

/** The same, with data that this governor ignores. */
export const getVotesWithParams = (
  client: ChainClient,
  past: { readonly account: Address; readonly timepoint: Round; readonly params: Hex },
  at: At = {},
): Promise<Lpt> => get(client, 'getVotesWithParams', [past.account, past.timepoint, past.params], at)

/** True for an account that has voted. */
export const hasVoted = (
  client: ChainClient,
  vote: { readonly proposalId: bigint; readonly account: Address },
  at: At = {},
): Promise<boolean> => get(client, 'hasVoted', [vote.proposalId, vote.account], at)

/** Id of a proposal; `descriptionHash` is keccak256 of the description. */
export const hashProposal = (
  client: ChainClient,
  proposal: {
    readonly targets: readonly Address[]
    readonly values: readonly bigint[]
    readonly calldatas: readonly Hex[]
    readonly descriptionHash: Hex
  },
  at: At = {},
): Promise<bigint> =>
  get(client, 'hashProposal', [proposal.targets, proposal.values, proposal.calldatas, proposal.descriptionHash], at)

/** Once, by whoever deploys it. */
export const initialize = (
  client: ChainClient,
  sender: TxSender,
  settings: {
    readonly initialVotingDelay: bigint
    readonly initialVotingPeriod: bigint
    readonly initialProposalThreshold: Lpt
    readonly initialQuorum: Perc6
    readonly quota: Perc6
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'initialize',
    [
      settings.initialVotingDelay,
      settings.initialVotingPeriod,
      settings.initialProposalThreshold,
      settings.initialQuorum,
      settings.quota,
    ],
    call,
  )

/** Name of the governor. */
export const name = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'name', [], at)

/** The last round in which votes count. */
export const proposalDeadline = (client: ChainClient, proposalId: bigint, at: At = {}): Promise<Round> =>
  get(client, 'proposalDeadline', [proposalId], at)

/** When a queued proposal can be carried out, in seconds since 1970; 0 if it is not queued. */
export const proposalEta = (client: ChainClient, proposalId: bigint, at: At = {}): Promise<bigint> =>
  get(client, 'proposalEta', [proposalId], at)

/** Who proposed it. */
export const proposalProposer = (client: ChainClient, proposalId: bigint, at: At = {}): Promise<Address> =>
  get(client, 'proposalProposer', [proposalId], at).then(lower)

/** The round at whose end voting power counts; votes begin in the next one. */
export const proposalSnapshot = (client: ChainClient, proposalId: bigint, at: At = {}): Promise<Round> =>
  get(client, 'proposalSnapshot', [proposalId], at)

/** Voting power that a proposer needs. */
export const proposalThreshold = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  get(client, 'proposalThreshold', [], at)

/** Stake that voted each way. */
export type ProposalVotes = {
  readonly againstVotes: Lpt
  readonly forVotes: Lpt
  readonly abstainVotes: Lpt
}

/** Votes so far. */
export const proposalVotes = async (client: ChainClient, proposalId: bigint, at: At = {}): Promise<ProposalVotes> => {
  const [againstVotes, forVotes, abstainVotes] = await get(client, 'proposalVotes', [proposalId], at)
  return { againstVotes, forVotes, abstainVotes }
}

/** Proposes calls that the treasury would make. */
export const propose = (
  client: ChainClient,
  sender: TxSender,
  proposal: {
    readonly targets: readonly Address[]
    readonly values: readonly bigint[]
    readonly calldatas: readonly Hex[]
    readonly description: string
  },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'propose', [proposal.targets, proposal.values, proposal.calldatas, proposal.description], call)

/** Queues a proposal that has succeeded; anybody may. */
export const queue = (
  client: ChainClient,
  sender: TxSender,
  proposal: {
    readonly targets: readonly Address[]
    readonly values: readonly bigint[]
    readonly calldatas: readonly Hex[]
    readonly descriptionHash: Hex
  },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'queue', [proposal.targets, proposal.values, proposal.calldatas, proposal.descriptionHash], call)

/** Votes that a proposal needs, for, against and abstaining together. */
export const quorum = (client: ChainClient, timepoint: Round, at: At = {}): Promise<Lpt> =>
  get(client, 'quorum', [timepoint], at)

/** What the quorum is a part of: a million. */
export const quorumDenominator = (client: ChainClient, at: At = {}): Promise<bigint> =>
  get(client, 'quorumDenominator', [], at)

/** The part of votes for and against that must be for. */
export const quota = (client: ChainClient, at: At = {}): Promise<Perc6> => get(client, 'quota', [], at)

/** Calls something as the governor. For the treasury. */
export const relay = (
  client: ChainClient,
  sender: TxSender,
  relayed: { readonly target: Address; readonly value: Lpt; readonly data: Hex },
  value: Wei,
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'relay', [relayed.target, relayed.value, relayed.data], { ...call, value: value })

/** Sets the voting power that a proposer needs. For the treasury. */
export const setProposalThreshold = (
  client: ChainClient,
  sender: TxSender,
  newProposalThreshold: Lpt,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setProposalThreshold', [newProposalThreshold], call)

/** Sets the rounds between a proposal and its votes. For the treasury. */
export const setVotingDelay = (
  client: ChainClient,
  sender: TxSender,
  newVotingDelay: bigint,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setVotingDelay', [newVotingDelay], call)

/** Sets the rounds in which votes count. For the treasury. */
export const setVotingPeriod = (
  client: ChainClient,
  sender: TxSender,
  newVotingPeriod: bigint,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'setVotingPeriod', [newVotingPeriod], call)

/** Where a proposal stands. */
export const state = (client: ChainClient, proposalId: bigint, at: At = {}): Promise<ProposalState> =>
  get(client, 'state', [proposalId], at).then((state) => PROPOSAL_STATE[state]!)

/** True for interfaces that the contract has (EIP-165). */
export const supportsInterface = (client: ChainClient, interfaceId: Hex, at: At = {}): Promise<boolean> =>
  get(client, 'supportsInterface', [interfaceId], at)

/** The treasury, through which proposals are carried out. */
export const timelock = (client: ChainClient, at: At = {}): Promise<Address> =>
  get(client, 'timelock', [], at).then(lower)

/** The contract that knows voting power. */
export const token = (client: ChainClient, at: At = {}): Promise<Address> => get(client, 'token', [], at).then(lower)

/** Sets the part of the active stake that must vote. For the treasury. */
export const updateQuorumNumerator = (
  client: ChainClient,
  sender: TxSender,
  newQuorumNumerator: Perc6,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'updateQuorumNumerator', [newQuorumNumerator], call)

/** Sets another treasury. For the treasury. */
export const updateTimelock = (
  client: ChainClient,
  sender: TxSender,
  newTimelock: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'updateTimelock', [newTimelock], call)

/** Version of the governor. */
export const version = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'version', [], at)

/** The contract that knows voting power, as the Controller names it. */
export const votes = (client: ChainClient, at: At = {}): Promise<Address> => get(client, 'votes', [], at).then(lower)

/** Rounds between a proposal and its votes. */
export const votingDelay = (client: ChainClient, at: At = {}): Promise<bigint> => get(client, 'votingDelay', [], at)

/** Rounds in which votes count. */
export const votingPeriod = (client: ChainClient, at: At = {}): Promise<bigint> => get(client, 'votingPeriod', [], at)

/** The part of the active stake that must vote, as it is now or was at the end of a past round. */
export const quorumNumerator = (client: ChainClient, timepoint?: Round, at: At = {}): Promise<Perc6> =>
  timepoint === undefined ? get(client, 'quorumNumerator', [], at) : get(client, 'quorumNumerator', [timepoint], at)
