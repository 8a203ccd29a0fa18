import type { Round } from '@millrace/base'
import { verifierAbi as abi, contractId } from '@millrace/contracts'
import type { Address, SignedSegmentCommitment } from '@millrace/wire'
import {
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeAbiParameters,
  type Hex,
  keccak256,
  parseEventLogs,
  type TransactionReceipt,
  toHex,
} from 'viem'
import type { ChainClient } from '../client.ts'
import { ChainError } from '../errors.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import { getContract } from './controller.ts'
import type { At } from './read.ts'

/** A network's registered Verifier. */
export type Verifier = { readonly client: ChainClient; readonly address: Address }

export type Verdict = 'lie' | 'honest' | 'unavailable'

export type DisputeOutcome = 'open' | Verdict | 'hung' | 'given-up' | 'moot' | 'void'

const VERDICTS = ['lie', 'honest', 'unavailable'] as const
const OUTCOMES = ['open', 'lie', 'honest', 'unavailable', 'hung', 'given-up', 'moot', 'void'] as const

/** A dispute as the contract has it; deadlines are numbers of blocks as `blockNum` of the RoundsManager counts them. */
export type Dispute = {
  readonly id: bigint
  readonly challenger: Address
  readonly accused: Address
  /** The digest of the disputed commitment. */
  readonly commitment: Hex
  readonly round: Round
  readonly parametersVersion: bigint
  readonly answered: boolean
  readonly outcome: DisputeOutcome
  readonly answerDeadline: bigint
  /** Undefined until the committee is drawn. */
  readonly committee: { readonly commitDeadline: bigint; readonly revealDeadline: bigint } | undefined
  readonly seats: { readonly lie: bigint; readonly honest: bigint; readonly unavailable: bigint }
  /** Unbonding locks below this id have yet to be slashed. */
  readonly locksLeft: bigint
}

/** What an orchestrator has committed to and voted in one dispute. */
export type Ballot = {
  readonly commitment: Hex | undefined
  readonly vote: Verdict | undefined
  readonly settled: boolean
}

/** The hashes that the evidence of a dispute must have. */
export type DisputeEvidence = {
  readonly disputeId: bigint
  readonly accused: Address
  readonly challenger: Address
  readonly sourceHash: Hex
  readonly profilesHash: Hex
  readonly renditionsHash: Hex
}

const ZERO_HASH = `0x${'00'.repeat(32)}`

/** Finds the registered Verifier; undefined where a network has none, which is where nothing can be slashed. */
export async function findVerifier(client: ChainClient): Promise<Verifier | undefined> {
  const address = await getContract(client, contractId('Verifier'))
  return BigInt(address) === 0n ? undefined : { client, address }
}

/** Disputes so far; they are numbered from 1. */
export const disputeCount = (verifier: Verifier, at: At = {}): Promise<bigint> => view(verifier, 'disputeCount', [], at)

/** Seats of the account in a dispute, 0 before the committee is drawn and for whoever is not in it. */
export const seatsOf = (verifier: Verifier, id: bigint, account: Address, at: At = {}): Promise<bigint> =>
  view(verifier, 'seatsOf', [id, account], at)

/** LPT base units that the account can withdraw. */
export const disputeBalance = (verifier: Verifier, account: Address, at: At = {}): Promise<bigint> =>
  view(verifier, 'balanceOf', [account], at)

/** Amounts, parts and deadlines of the game; IVerifier.sol explains each. */
export type DisputeParameters = ContractFunctionArgs<typeof abi, 'nonpayable', 'setParameters'>[0]

/** What was decided about a commitment, known by its digest; `open` if nothing was. */
export const decisionOn = async (verifier: Verifier, commitment: Hex, at: At = {}): Promise<DisputeOutcome> =>
  OUTCOMES[await view(verifier, 'decisionOn', [commitment], at)]!

/** Parameters of disputes of this version; the current ones without a version. */
export const disputeParameters = (verifier: Verifier, version?: bigint, at: At = {}) =>
  version === undefined ? view(verifier, 'currentParameters', [], at) : view(verifier, 'parametersOf', [version], at)

export async function getDispute(verifier: Verifier, id: bigint, at: At = {}): Promise<Dispute> {
  const raw = await view(verifier, 'getDispute', [id], at)
  if (BigInt(raw.challenger) === 0n) throw new ChainError('not_found', `there is no dispute ${id}`, { meta: { id } })
  return {
    id,
    challenger: lower(raw.challenger),
    accused: lower(raw.accused),
    commitment: raw.commitment,
    round: raw.round,
    parametersVersion: raw.parametersVersion,
    answered: raw.answered,
    outcome: OUTCOMES[raw.outcome]!,
    answerDeadline: raw.answerDeadline,
    committee:
      raw.seed === ZERO_HASH ? undefined : { commitDeadline: raw.commitDeadline, revealDeadline: raw.revealDeadline },
    seats: { lie: raw.lieSeats, honest: raw.honestSeats, unavailable: raw.unavailableSeats },
    locksLeft: raw.locksLeft,
  }
}

export async function getBallot(verifier: Verifier, id: bigint, juror: Address, at: At = {}): Promise<Ballot> {
  const { commitment, vote, settled } = await view(verifier, 'getBallot', [id, juror], at)
  return {
    commitment: commitment === ZERO_HASH ? undefined : commitment,
    vote: vote === 0 ? undefined : VERDICTS[vote - 1]!,
    settled,
  }
}

/** Reads what the evidence of a dispute must hash to from the event that opened it. */
export async function getDisputeEvidence(
  verifier: Verifier,
  id: bigint,
  options: { readonly fromBlock?: bigint } = {},
): Promise<DisputeEvidence> {
  const [log] = await verifier.client.rpc.getContractEvents({
    address: verifier.address,
    abi,
    eventName: 'Challenged',
    args: { id },
    fromBlock: options.fromBlock ?? 0n,
    strict: true,
  })
  if (!log) throw new ChainError('not_found', `no event tells how dispute ${id} began`, { meta: { id } })
  const { accused, challenger, sourceHash, profilesHash, renditionsHash } = log.args
  return {
    disputeId: id,
    accused: lower(accused),
    challenger: lower(challenger),
    sourceHash,
    profilesHash,
    renditionsHash,
  }
}

/** A commitment in the form of the Verifier's ABI. */
export const abiCommitment = (signed: SignedSegmentCommitment) => ({
  sender: signed.sender,
  recipient: signed.recipient,
  manifestId: signed.manifestId as string,
  seq: BigInt(signed.seq),
  sourceHash: signed.sourceHash as Hex,
  profilesHash: signed.profilesHash as Hex,
  renditionsHash: signed.renditionsHash as Hex,
  pixels: signed.pixels as bigint,
  sessionId: signed.sessionId as string,
  round: signed.round as bigint,
})

/** The digest by which the Verifier knows a commitment; the contract's own reckoning. */
export const commitmentDigestOnChain = (verifier: Verifier, signed: SignedSegmentCommitment): Promise<Hex> =>
  view(verifier, 'commitmentDigest', [abiCommitment(signed)])

/** What a challenger announces a block before it challenges. */
export const challengeAnnouncement = (
  challenger: Address,
  challenge: { readonly digest: Hex; readonly secret: Hex; readonly salt: Hex },
): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'bytes32' }, { type: 'bytes32' }, { type: 'bytes32' }],
      [challenger, challenge.digest, keccak256(challenge.secret), challenge.salt],
    ),
  )

/** What a juror commits to. */
export const sealVote = (vote: {
  readonly disputeId: bigint
  readonly juror: Address
  readonly verdict: Verdict
  readonly salt: Hex
}): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: 'uint256' }, { type: 'address' }, { type: 'uint8' }, { type: 'bytes32' }],
      [vote.disputeId, vote.juror, VERDICTS.indexOf(vote.verdict) + 1, vote.salt],
    ),
  )

export const announceChallenge = (verifier: Verifier, sender: TxSender, announcement: Hex, call?: Call) =>
  write(verifier, sender, 'announce', [announcement], call)

/** Challenges a commitment that was announced in an earlier block. The bond is taken from the sender's LPT, which it must have approved. */
export const challengeCommitment = (
  verifier: Verifier,
  sender: TxSender,
  challenge: { readonly signed: SignedSegmentCommitment; readonly secret: Hex; readonly salt: Hex },
  call?: Call,
) => {
  const { signed, secret, salt } = challenge
  const args = [abiCommitment(signed), toHex(signed.signature), keccak256(secret), salt] as const
  return write(verifier, sender, 'challenge', args, call)
}

/** The number of the dispute that this transaction opened. */
export function disputeOpenedBy(receipt: TransactionReceipt): bigint {
  const [log] = parseEventLogs({ abi, eventName: 'Challenged', logs: receipt.logs })
  if (!log) throw new ChainError('not_found', `transaction ${receipt.transactionHash} opened no dispute`)
  return log.args.id
}

export const answerDispute = (verifier: Verifier, sender: TxSender, id: bigint, answer: Hex, call?: Call) =>
  write(verifier, sender, 'answer', [id, answer], call)

export const drawCommittee = (verifier: Verifier, sender: TxSender, id: bigint, secret: Hex, call?: Call) =>
  write(verifier, sender, 'draw', [id, secret], call)

export const commitVote = (verifier: Verifier, sender: TxSender, id: bigint, sealed: Hex, call?: Call) =>
  write(verifier, sender, 'commitVote', [id, sealed], call)

export const revealVote = (
  verifier: Verifier,
  sender: TxSender,
  vote: { readonly id: bigint; readonly verdict: Verdict; readonly salt: Hex },
  call?: Call,
) => write(verifier, sender, 'revealVote', [vote.id, VERDICTS.indexOf(vote.verdict) + 1, vote.salt], call)

export const settleDispute = (verifier: Verifier, sender: TxSender, id: bigint, call?: Call) =>
  write(verifier, sender, 'settle', [id], call)

export const giveUpDispute = (verifier: Verifier, sender: TxSender, id: bigint, call?: Call) =>
  write(verifier, sender, 'giveUp', [id], call)

export const settleJuror = (verifier: Verifier, sender: TxSender, id: bigint, juror: Address, call?: Call) =>
  write(verifier, sender, 'settleJuror', [id, juror], call)

export const slashMoreLocks = (verifier: Verifier, sender: TxSender, id: bigint, count: bigint, call?: Call) =>
  write(verifier, sender, 'slashMoreLocks', [id, count], call)

export const dissolveDispute = (verifier: Verifier, sender: TxSender, id: bigint, call?: Call) =>
  write(verifier, sender, 'dissolve', [id], call)

export const withdrawFromDisputes = (verifier: Verifier, sender: TxSender, call?: Call) =>
  write(verifier, sender, 'withdraw', [], call)

/** Sets the parameters of all later disputes. For the Controller's owner. */
export const setDisputeParameters = (
  verifier: Verifier,
  sender: TxSender,
  parameters: DisputeParameters,
  call?: Call,
): Promise<TxResult> => write(verifier, sender, 'setParameters', [parameters], call)

const view = <F extends ContractFunctionName<typeof abi, 'view' | 'pure'>>(
  { client, address }: Verifier,
  functionName: F,
  args: ContractFunctionArgs<typeof abi, 'view' | 'pure', F>,
  at: At = {},
) => openContract(abi, () => address).get(client, functionName, args, at)

const write = <F extends ContractFunctionName<typeof abi, 'nonpayable'>>(
  { client, address }: Verifier,
  sender: TxSender,
  functionName: F,
  args: ContractFunctionArgs<typeof abi, 'nonpayable', F>,
  call?: Call,
): Promise<TxResult> => openContract(abi, () => address).send(client, sender, functionName, args as never, call)
