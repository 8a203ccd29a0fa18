import { fromHex, type Pixels, silentLog, toHex } from '@millrace/base'
import {
  chainError,
  DisputeDuties,
  disputeBalance,
  findVerifier,
  getBallot,
  getDispute,
  type Judge,
  pendingStake,
  roundState,
  seatsOf,
  settleJuror,
  TxSender,
  type Verdict,
  type Verifier,
} from '@millrace/chain'
import {
  bondingManagerAbi,
  type ContractName,
  contractId,
  controllerAbi,
  livepeerTokenAbi,
  verifierAbi,
} from '@millrace/contracts'
import type { DisputeParameters } from '@millrace/contracts/deploy'
import {
  type Address,
  manifestId,
  type SignedSegmentCommitment,
  sessionId,
  signSegmentCommitment,
} from '@millrace/wire'
import { createKeySigner, hmacSha256 } from '@millrace/wire/node'
import { decodeFunctionData, type Hex, keccak256, toHex as textToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'
import { devnetKeyHex } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'
import { bondNewOrchestrator, giveLpt, nextRound, registerVerifier } from './testing/court.ts'

// The verdicts come from a stand-in that knows the truth by the hash of the renditions; everything else is real:
// contracts on the embedded network, commitments signed as orchestrators sign them, duties driven by chain state alone.

const LPT = 10n ** 18n
const JURORS = 6
const accused = devnetAddress('orchestrator1')
const LIE = keccak256(textToHex('black frames'))
const TRUTH = keccak256(textToHex('the source, smaller'))
const LOST = keccak256(textToHex('data that nobody hands out'))

const truthful: Judge = async ({ renditionsHash }) => {
  if (renditionsHash === LOST) throw new Error('no peer has the source')
  return renditionsHash === LIE ? 'lie' : 'honest'
}
const opposite: Judge = async ({ renditionsHash }) => (renditionsHash === LIE ? 'honest' : 'lie')
const votes =
  (verdict: Verdict): Judge =>
  async () =>
    verdict

let chain: TestChain
let verifier: Verifier
let jurorKeys: readonly Hex[]
let snapshot: unknown

beforeAll(async () => {
  chain = await openChain()
  jurorKeys = Array.from({ length: JURORS }, generatePrivateKey)
  await openJurors()
})
afterAll(async () => chain?.[Symbol.asyncDispose]())
beforeEach(async () => {
  snapshot = await chain.rpc('evm_snapshot')
})
afterEach(async () => {
  await chain.rpc('evm_revert', snapshot)
})

const senderOf = (key: Hex): TxSender =>
  new TxSender({ account: privateKeyToAccount(key), timeoutMs: 5_000 }, { client: chain.client, log: silentLog })

const duties = (key: Hex, judge: Judge = truthful): DisputeDuties =>
  new DisputeDuties({
    verifier,
    sender: senderOf(key),
    judge,
    secretFor: (purpose) => toHex(hmacSha256(fromHex(key), new TextEncoder().encode(purpose))) as Hex,
    log: silentLog,
  })

/** Six orchestrators with as much stake as the accused has of its own, all active. */
async function openJurors(): Promise<void> {
  for (const key of jurorKeys) await bondNewOrchestrator(chain.client, senderOf(key))
  await nextRound(chain.client, chain.sender('deployer'))
}

async function openCourt(changes: Partial<DisputeParameters> = {}): Promise<void> {
  verifier = await registerVerifier(chain.client, changes)
}

/** What orchestrator 1 signs for a segment whose renditions have this hash. */
async function commitmentTo(renditionsHash: Hex, seq = 7): Promise<SignedSegmentCommitment> {
  const { lastInitializedRound } = await roundState(chain.client)
  const domain = { chainId: 31337n, ticketBroker: chain.client.addresses.ticketBroker }
  return signSegmentCommitment(createKeySigner(devnetKeyHex('orchestrator1')), domain, {
    sender: devnetAddress('gateway'),
    recipient: accused,
    manifestId: manifestId('stream'),
    seq,
    sourceHash: keccak256(textToHex('source')),
    profilesHash: keccak256(textToHex('profiles')),
    renditionsHash,
    pixels: 55_296_000n as Pixels,
    sessionId: sessionId('session'),
    round: lastInitializedRound,
  })
}

/** Blocks pass meanwhile: a challenge comes a block after its announcement. */
async function challengeBy(who: DisputeDuties, signed: SignedSegmentCommitment): Promise<bigint> {
  const mining = setInterval(() => chain.mine(1), 60)
  try {
    return await who.challenge(signed)
  } finally {
    clearInterval(mining)
  }
}

/** Blocks pass, and everybody does what is due, until the dispute is over and everybody was paid. */
async function play(id: bigint, everybody: readonly DisputeDuties[]): Promise<string> {
  for (let block = 0; block < 120; block++) {
    for (const one of everybody) await one.tick()
    const { outcome, locksLeft } = await getDispute(verifier, id)
    if (outcome !== 'open' && locksLeft === 0n) {
      for (const one of everybody) await one.tick()
      return outcome
    }
    await chain.mine(1)
  }
  throw new Error('the dispute does not end')
}

const jurors = (judges: readonly Judge[] = []) => jurorKeys.map((key, index) => duties(key, judges[index] ?? truthful))
const orchestrator1 = () => duties(devnetKeyHex('orchestrator1'))
const orchestrator2 = (judge: Judge = truthful) => duties(devnetKeyHex('orchestrator2'), judge)
const challenger = () => duties(devnetKeyHex('delegator3'))
const stakeOf = (who: Address) => pendingStake(chain.client, who)
const lptOf = (address: Address) =>
  chain.client.rpc.readContract({
    address: chain.client.addresses.livepeerToken,
    abi: livepeerTokenAbi,
    functionName: 'balanceOf',
    args: [address],
  })
const bonding = (key: Hex, functionName: string, args: readonly unknown[]) =>
  senderOf(key).send({ address: chain.client.addresses.bondingManager, abi: bondingManagerAbi, functionName, args })

describe('a cheater', () => {
  it('is slashed, and challenger and jurors are paid', async () => {
    await openCourt()
    const before = await stakeOf(accused)
    const dave = challenger()
    await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
    const id = await challengeBy(dave, await commitmentTo(LIE))
    expect(await play(id, [dave, orchestrator1(), orchestrator2(), ...jurors()])).toBe('lie')

    expect(await stakeOf(accused)).toBe(before - before / 5n)
    const { seats } = await getDispute(verifier, id)
    const reward = before / 5n / 10n
    expect(await disputeBalance(verifier, devnetAddress('delegator3'))).toBe(
      12n * LPT + reward - (seats.lie * LPT) / 10n,
    )
    const juror = senderOf(jurorKeys[0]!).address
    const pay = ((await seatsOf(verifier, id, juror)) * LPT) / 10n
    expect(pay).toBeGreaterThan(0n)
    const had = await lptOf(juror)
    expect(await duties(jurorKeys[0]!).collect()).toBe(pay)
    expect(await lptOf(juror)).toBe(had + pay)
  })

  it('does not escape by unbonding everything first, nor by splitting it over many locks', async () => {
    await openCourt()
    const dave = challenger()
    await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
    const signed = await commitmentTo(LIE)
    const key = devnetKeyHex('orchestrator1')
    const before = await stakeOf(accused)
    for (let lock = 0; lock < 35; lock++) await bonding(key, 'unbond', [LPT])
    await bonding(key, 'unbond', [before - 35n * LPT])
    const id = await challengeBy(dave, signed)
    await expect(bonding(key, 'rebondFromUnbonded', [accused, 0n])).rejects.toMatchObject({
      code: 'reverted',
      meta: { reason: 'stake is frozen by a dispute' },
    })
    expect(await play(id, [dave, orchestrator1(), orchestrator2(), ...jurors()])).toBe('lie')
    expect(await lockedBy(accused)).toBe((before * 4n) / 5n)
  })

  it('can lose everything, where the Minter may not burn', async () => {
    await openCourt({ slashAmount: 1_000_000 })
    const treasury = await registered('Treasury')
    const before = await stakeOf(accused)
    const supply = await totalSupply()
    const held = await lptOf(treasury)
    const dave = challenger()
    await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
    const id = await challengeBy(dave, await commitmentTo(LIE))
    expect(await play(id, [dave, orchestrator1(), orchestrator2(), ...jurors()])).toBe('lie')
    expect(await stakeOf(accused)).toBe(0n)
    expect(await lptOf(treasury)).toBe(held + before - before / 10n)
    expect(await totalSupply()).toBe(supply)
  })

  it('does not escape by challenging itself first and losing on purpose', async () => {
    await openCourt()
    const signed = await commitmentTo(LIE)
    const before = await stakeOf(accused)
    const puppet = duties(devnetKeyHex('delegator4'))
    await giveLpt(chain.client, devnetAddress('delegator4'), 50n)
    await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
    const first = await challengeBy(puppet, signed)
    const dave = challenger()
    const second = await challengeBy(dave, signed)
    // The puppet never draws, so its dispute goes nowhere.
    expect(await play(second, [dave, orchestrator1(), orchestrator2(), ...jurors()])).toBe('lie')
    expect(await play(first, [orchestrator1()])).toBe('given-up')
    expect(await stakeOf(accused)).toBeLessThanOrEqual(before - before / 5n)
  })
})

describe('an honest orchestrator keeps its stake, whatever is tried', () => {
  it('a false challenge costs the challenger its bond', async () => {
    await openCourt()
    const before = await stakeOf(accused)
    const dave = challenger()
    await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
    const id = await challengeBy(dave, await commitmentTo(TRUTH))
    expect(await play(id, [dave, orchestrator1(), orchestrator2(), ...jurors()])).toBe('honest')
    expect(await stakeOf(accused)).toBe(before)
    expect(await disputeBalance(verifier, devnetAddress('delegator3'))).toBe(0n)
    expect(await disputeBalance(verifier, accused)).toBe(LPT)
  })

  it('a third of the stake votes against the truth', async () => {
    await openCourt()
    const before = await stakeOf(accused)
    const dave = challenger()
    await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
    const id = await challengeBy(dave, await commitmentTo(TRUTH))
    const colluding = jurors([opposite, opposite])
    expect(await play(id, [dave, orchestrator1(), orchestrator2(), ...colluding])).toBe('honest')
    expect(await stakeOf(accused)).toBe(before)
    const liar = senderOf(jurorKeys[0]!).address
    expect(await stakeOf(liar)).toBe(90_000n * LPT - 10n * LPT)
  })

  it('the challenger withholds the evidence', async () => {
    await openCourt()
    const before = await stakeOf(accused)
    const dave = challenger()
    await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
    const id = await challengeBy(dave, await commitmentTo(LOST))
    expect(await play(id, [dave, orchestrator1(), orchestrator2(), ...jurors()])).toBe('unavailable')
    expect(await stakeOf(accused)).toBe(before)
    expect(await disputeBalance(verifier, devnetAddress('delegator3'))).toBe(0n)
  })

  it('jurors are lazy: who does not vote is fined, and who votes blindly is against the verdict', async () => {
    await openCourt()
    const before = await stakeOf(accused)
    const dave = challenger()
    await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
    const id = await challengeBy(dave, await commitmentTo(TRUTH))
    const [, blind, ...others] = jurors([truthful, votes('lie')])
    expect(await play(id, [dave, orchestrator1(), orchestrator2(), blind!, ...others])).toBe('honest')
    expect(await stakeOf(accused)).toBe(before)
    const [absent, guessing] = jurorKeys.map((key) => senderOf(key).address)
    await settleJuror(verifier, chain.sender('deployer'), id, absent!)
    expect(await stakeOf(absent!)).toBe(90_000n * LPT - 5n * LPT)
    expect(await stakeOf(guessing!)).toBe(90_000n * LPT - 10n * LPT)
  })

  it('the challenger is somebody without stake, or one who copied another’s challenge', async () => {
    await openCourt()
    const signed = await commitmentTo(LIE)
    await expect(challengeBy(duties(devnetKeyHex('redeemer1')), signed)).rejects.toMatchObject({
      code: 'reverted',
      meta: { reason: 'NotBonded' },
    })
    expect(await refusalOfACopy(signed)).toBe('NotAnnounced')
  })
})

it('duties go on after a restart with nothing but the key', async () => {
  await openCourt()
  await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
  const id = await challengeBy(challenger(), await commitmentTo(LIE))
  // Everybody forgets everything between two blocks.
  let outcome = 'open'
  for (let block = 0; block < 120 && outcome === 'open'; block++) {
    for (const one of [challenger(), orchestrator1(), orchestrator2(), ...jurors()]) await one.tick()
    await chain.mine(1)
    outcome = (await getDispute(verifier, id)).outcome
  }
  expect(outcome).toBe('lie')
  const ballot = await getBallot(verifier, id, senderOf(jurorKeys[0]!).address)
  expect(ballot.vote).toBe('lie')
})

it('a network without a Verifier has none to find', async () => {
  expect(await findVerifier(chain.client)).toBeUndefined()
})

/** From the faucet, which has the embedded network's spare tokens. */
const registered = (name: ContractName): Promise<Address> =>
  chain.client.rpc.readContract({
    address: chain.client.addresses.controller,
    abi: controllerAbi,
    functionName: 'getContract',
    args: [contractId(name)],
  })

const totalSupply = () =>
  chain.client.rpc.readContract({
    address: chain.client.addresses.livepeerToken,
    abi: livepeerTokenAbi,
    functionName: 'totalSupply',
  })

async function lockedBy(who: Address): Promise<bigint> {
  const { bondingManager: address } = chain.client.addresses
  const call = { address, abi: bondingManagerAbi } as const
  const [, , , , , , locks] = await chain.client.rpc.readContract({
    ...call,
    functionName: 'getDelegator',
    args: [who],
  })
  let sum = 0n
  for (let id = 0n; id < locks; id++) {
    const lock = { ...call, functionName: 'getDelegatorUnbondingLock', args: [who, id] } as const
    sum += (await chain.client.rpc.readContract(lock))[0]
  }
  return sum
}

/** Sends the call data of another's challenge as one's own, and tells with which error the contract refuses it. */
async function refusalOfACopy(signed: SignedSegmentCommitment): Promise<string> {
  await giveLpt(chain.client, devnetAddress('delegator3'), 50n)
  const id = await challengeBy(challenger(), signed)
  const [log] = await chain.client.rpc.getContractEvents({
    address: verifier.address,
    abi: verifierAbi,
    eventName: 'Challenged',
    args: { id },
    fromBlock: 0n,
  })
  const { input } = await chain.client.rpc.getTransaction({ hash: log!.transactionHash })
  const { functionName, args } = decodeFunctionData({ abi: verifierAbi, data: input })
  const call = { address: verifier.address, abi: verifierAbi, functionName, args, account: devnetAddress('delegator4') }
  const error = await chain.client.rpc.simulateContract(call as never).catch((cause) => cause)
  return chainError(error, 'copying').meta.reason as string
}
