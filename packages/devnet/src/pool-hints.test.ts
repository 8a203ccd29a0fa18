import { silentLog } from '@millrace/base'
import {
  bondHints,
  bondingManager,
  joinHint,
  livepeerToken,
  livepeerTokenFaucet,
  readPool,
  rebondHint,
  rewardHint,
  roundsManager,
  type TxResult,
  TxSender,
  transferBondHints,
  unbondHint,
} from '@millrace/chain'
import { type Address, ZERO_ADDRESS } from '@millrace/wire'
import fc from 'fast-check'
import { keccak256, maxUint256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'

const LPT = 10n ** 18n
const SIZE = 12

let chain: TestChain
let senders: TxSender[]
const addressOf = (index: number): Address => senders[index]!.address

/** A network with a dozen orchestrators more, that have one to six LPT bonded and some left. */
beforeAll(async () => {
  chain = await openChain()
  const { client } = chain
  const keys = Array.from({ length: SIZE }, (_, index) => privateKeyToAccount(keccak256(toHex(`hinted ${index}`))))
  senders = keys.map((account) => new TxSender({ account }, { client, log: silentLog }))
  await Promise.all(
    senders.map(async (sender, index) => {
      await chain.rpc('anvil_setBalance', sender.address, toHex(10n ** 18n))
      await livepeerTokenFaucet.request(client, sender)
      await livepeerToken.approve(client, sender, { spender: client.addresses.bondingManager, amount: maxUint256 })
      await bondingManager.bond(client, sender, { amount: BigInt(1 + (index % 6)) * LPT, to: sender.address })
    }),
  )
  await chain.mine(60)
  await roundsManager.initializeRound(client, senders[0]!)
  // Locks to bond again, and stake elsewhere to move.
  for (const sender of senders.slice(0, 4)) await bondingManager.unbond(client, sender, LPT / 2n)
}, 60_000)
afterAll(async () => chain?.[Symbol.asyncDispose]())

/** What a call does to the pool and costs; the chain is as before afterwards. */
async function outcome(call: () => Promise<TxResult>): Promise<{ pool: readonly Address[]; gas: bigint }> {
  const snapshot = await chain.rpc('evm_snapshot')
  try {
    const { hash, receipt } = await call()
    const { input } = await chain.client.rpc.getTransaction({ hash })
    // Hints are paid for as input too; compared is what the contract does with them.
    const bytes = Buffer.from(input.slice(2), 'hex')
    const inputGas = bytes.reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 0n)
    return { pool: await bondingManager.getPool(chain.client), gas: receipt.gasUsed - inputGas }
  } finally {
    await chain.rpc('evm_revert', snapshot)
  }
}

const none = { newPosPrev: ZERO_ADDRESS, newPosNext: ZERO_ADDRESS }
const neither = {
  oldDelegateNewPosPrev: ZERO_ADDRESS,
  oldDelegateNewPosNext: ZERO_ADDRESS,
  currDelegateNewPosPrev: ZERO_ADDRESS,
  currDelegateNewPosNext: ZERO_ADDRESS,
}

const who = fc.nat(SIZE - 1)
const someLpt = fc.bigInt(1n, 3n * LPT)
const inTenths = fc.bigInt(1n, 30n).map((tenths) => (tenths * LPT) / 10n)

it('with hints a call leaves the same pool as without, and the contract does no more for it', async () => {
  const { client } = chain
  const savings: bigint[] = []
  const same = async (hinted: () => Promise<TxResult>, plain: () => Promise<TxResult>) => {
    const without = await outcome(plain)
    const withHints = await outcome(hinted)
    expect(withHints.pool).toEqual(without.pool)
    savings.push(without.gas - withHints.gas)
    expect(withHints.gas).toBeLessThanOrEqual(without.gas)
  }
  await fc.assert(
    fc.asyncProperty(who, who, fc.oneof(someLpt, inTenths), fc.nat(3), async (from, to, amount, kind) => {
      const sender = senders[from]!
      if (kind === 0) {
        const bonding = { amount, to: addressOf(from) }
        const hints = await bondHints(client, { owner: sender.address, ...bonding })
        return same(
          () => bondingManager.bondWithHint(client, sender, { ...bonding, ...hints }),
          () => bondingManager.bondWithHint(client, sender, { ...bonding, ...neither }),
        )
      }
      if (kind === 1) {
        const part = amount / 10n + 1n
        const hint = await unbondHint(client, { owner: sender.address, amount: part })
        return same(
          () => bondingManager.unbondWithHint(client, sender, { amount: part, ...hint }),
          () => bondingManager.unbondWithHint(client, sender, { amount: part, ...none }),
        )
      }
      if (kind === 2) {
        const owner = from % 4
        const rebonding = { unbondingLockId: 0n }
        const hint = await rebondHint(client, { owner: addressOf(owner), ...rebonding })
        return same(
          () => bondingManager.rebondWithHint(client, senders[owner]!, { ...rebonding, ...hint }),
          () => bondingManager.rebondWithHint(client, senders[owner]!, { ...rebonding, ...none }),
        )
      }
      // Somebody else's stake moves from one orchestrator to another.
      const delegator = chain.sender('delegator3')
      const bonding = { amount: 0n, to: addressOf(to) }
      const hints = await bondHints(client, { owner: delegator.address, ...bonding })
      return same(
        () => bondingManager.bondWithHint(client, delegator, { ...bonding, ...hints }),
        () => bondingManager.bondWithHint(client, delegator, { ...bonding, ...neither }),
      )
    }),
    { numRuns: 12, endOnFailure: true },
  )
  expect(savings.some((saved) => saved > 2_000n)).toBe(true)
})

it('a transfer of stake finds both places', async () => {
  const { client } = chain
  const sender = senders[5]!
  const transfer = { delegator: addressOf(0), amount: 3n * LPT }
  const hints = await transferBondHints(client, { sender: sender.address, ...transfer })
  const blank = { newDelegateNewPosPrev: ZERO_ADDRESS, newDelegateNewPosNext: ZERO_ADDRESS }
  const { currDelegateNewPosPrev, currDelegateNewPosNext, ...old } = neither
  const plain = await outcome(() => bondingManager.transferBond(client, sender, { ...transfer, ...old, ...blank }))
  const hinted = await outcome(() => bondingManager.transferBond(client, sender, { ...transfer, ...hints }))
  expect(hinted.pool).toEqual(plain.pool)
  expect(hinted.gas).toBeLessThan(plain.gas)
})

it('a reward that lifts an orchestrator over another finds its place', async () => {
  const { client } = chain
  const { members } = await readPool(client)
  const place = members.findLastIndex(({ stake }, index) => stake === members[index - 1]?.stake)
  const { address } = members[place]!
  const sender = senders.find((one) => one.address === address)!
  const hint = await rewardHint(client, address)
  const plain = await outcome(() => bondingManager.rewardWithHint(client, sender, none))
  const hinted = await outcome(() => bondingManager.rewardWithHint(client, sender, hint))
  expect(hinted.pool).toEqual(plain.pool)
  expect(hinted.pool[place - 1]).toBe(address)
  expect(hinted.gas).toBeLessThan(plain.gas)
})

it('an orchestrator that had left the pool comes back to the right place', async () => {
  const { client } = chain
  const snapshot = await chain.rpc('evm_snapshot')
  try {
    const sender = senders[5]!
    expect(await joinHint(client, sender.address)).toEqual(none)
    // Unbonding all leaves the pool; the stake that others delegated is still there.
    await bondingManager.bond(client, chain.sender('delegator4'), { amount: 0n, to: sender.address })
    await chain.mine(60)
    await roundsManager.initializeRound(client, senders[0]!)
    await bondingManager.unbond(client, sender, await bondingManager.pendingStake(client, sender.address))
    await chain.mine(60)
    await roundsManager.initializeRound(client, senders[0]!)
    const { nextUnbondingLockId } = await bondingManager.getDelegator(client, sender.address)
    const lock = { to: sender.address, unbondingLockId: nextUnbondingLockId - 1n }
    const hint = await rebondHint(client, { owner: sender.address, ...lock })
    const plain = await outcome(() => bondingManager.rebondFromUnbondedWithHint(client, sender, { ...lock, ...none }))
    const hinted = await outcome(() => bondingManager.rebondFromUnbondedWithHint(client, sender, { ...lock, ...hint }))
    expect(hinted.pool).toEqual(plain.pool)
    expect(hinted.pool).toContain(sender.address)
    expect(hinted.gas).toBeLessThanOrEqual(plain.gas)
  } finally {
    await chain.rpc('evm_revert', snapshot)
  }
})
