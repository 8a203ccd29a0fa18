import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LPT, openPair, type TestPair } from './pair-fixture.ts'

const HOLDERS = ['delegator1', 'delegator2', 'orchestrator1'] as const

type Action =
  | { readonly kind: 'deposit'; readonly who: number; readonly amount: number; readonly maxGas: bigint }
  | { readonly kind: 'withdraw'; readonly who: number; readonly amount: number }
  | { readonly kind: 'relay' | 'kill' | 'wait' | 'redeem' | 'replay' | 'refuse' | 'allow' }

const who = fc.nat(HOLDERS.length - 1)
const amount = fc.integer({ min: 1, max: 50 })
const action: fc.Arbitrary<Action> = fc.oneof(
  // Too little gas to arrive, none at all, or enough.
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('deposit' as const),
      who,
      amount,
      maxGas: fc.constantFrom(0n, 20_000n, 400_000n, 400_000n),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who, amount }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('relay', 'relay', 'kill', 'wait', 'redeem', 'replay', 'refuse', 'allow'),
    }),
  },
)

it('no LPT is lost or made by any sequence of transfers, failures and restarts', async () => {
  await using chains = await openPair()
  const l1Supply = await chains.supply('l1')
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 6, maxLength: 14 }), async (actions) => {
      for (const step of actions) {
        await take(chains, step)
        expect(await chains.supply('l1')).toBe(l1Supply)
        expect(await chains.escrowed()).toBe((await chains.supply('l2')) + (await chains.underWay()))
      }
      await settle(chains)
      expect(await chains.supply('l1')).toBe(l1Supply)
      expect(await chains.escrowed()).toBe(await chains.supply('l2'))
      expect((await chains.cache()).l2SupplyFromL1).toBe(await chains.supply('l2'))
    }),
    { numRuns: Number(process.env.BRIDGE_RUNS ?? 4), endOnFailure: true },
  )
}, 600_000)

async function take(chains: TestPair, step: Action): Promise<void> {
  const { relayer } = chains.pair
  if (step.kind === 'deposit') {
    await chains.deposit(HOLDERS[step.who]!, BigInt(step.amount) * LPT, { maxGas: step.maxGas })
  } else if (step.kind === 'withdraw') {
    const holder = HOLDERS[step.who]!
    const balance = await chains.lpt('l2', holder)
    const wanted = BigInt(step.amount) * LPT
    if (balance > 0n) await chains.withdraw(holder, wanted < balance ? wanted : balance)
  } else if (step.kind === 'relay') await relayer.relayOnce()
  else if (step.kind === 'wait') await chains.endChallengePeriod()
  else if (step.kind === 'refuse' || step.kind === 'allow')
    await chains.setMinter(chains.l2.l2LPTGateway, step.kind === 'allow')
  else if (step.kind === 'redeem') await redeemAll(chains)
  else if (step.kind === 'replay') await chains.replayEverything('delegator4')
  else {
    const stop = new AbortController()
    const passing = chains.freshRelayer().relayOnce({ signal: stop.signal })
    setTimeout(() => stop.abort(new Error('killed')), 15)
    await passing.catch(() => {})
  }
}

/** Redeems what waits; what fails again stays. */
async function redeemAll(chains: TestPair): Promise<void> {
  const { down } = chains.pair.relayer
  for (const { number } of await down.waiting()) await down.redeem(number).catch(() => {})
}

/** Lets everything under way arrive. */
async function settle(chains: TestPair): Promise<void> {
  await chains.setMinter(chains.l2.l2LPTGateway, true)
  const relayer = chains.freshRelayer()
  await relayer.relayOnce()
  for (const { number } of await relayer.down.waiting()) await relayer.down.redeem(number)
  await chains.endChallengePeriod()
  await relayer.relayOnce()
  expect(await relayer.down.waiting()).toEqual([])
  expect(await relayer.up.due()).toEqual([])
}
