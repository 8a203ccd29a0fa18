import { rational } from '@millrace/base'
import { arbitrumPaymentParameters, planGateway } from '@millrace/payments'
import { describe, expect, it } from 'vitest'
import type { Terms } from '../ask-terms.ts'
import { judgeClock } from './clock.ts'
import { judgeFunds } from './deposit.ts'
import { judgeSpeed } from './engine.ts'
import { largestThatWorks, parseGpus } from './gpu.ts'
import { nodeVersion } from './node-version.ts'
import { judgeTerms } from './orchestrators.ts'
import { judgePrice } from './price.ts'

const ETH = 10n ** 18n

it.each([
  ['18.20.0', 'failed'],
  ['20.18.3', 'failed'],
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
  ['23.5.0', 'warning'],
  ['24.0.0', 'ok'],
])('Node %s is %s', (version, verdict) => {
  expect(nodeVersion(version)).toMatchObject({ verdict, facts: { version } })
})

it.each([
  [-31_000, 'failed'],
  [-5_000, 'warning'],
  [-1_000, 'ok'],
  [20_000, 'ok'],
  [61_000, 'warning'],
])('a clock %i ms ahead of the newest block is %s', (ms, verdict) => {
  expect(judgeClock(ms).verdict).toBe(verdict)
})

it.each([
  [0.9, 'failed'],
  [1.2, 'warning'],
  [3, 'ok'],
])('transcoding at %d times real time is %s', (speed, verdict) => {
  expect(judgeSpeed(speed, { why: 'an engine', what: 'a picture', bytes: 1 }).verdict).toBe(verdict)
})

describe('prices', () => {
  const others = (...prices: number[]): Terms[] =>
    prices.map((price) => ({ serviceUri: 'https://o:8935', price: rational(BigInt(price)), elapsedMs: 1 }))
  const silent: Terms = { serviceUri: 'https://silent:8935', elapsedMs: 1, error: 'insufficient sender reserve' }

  it.each([
    [1_000n, 'ok'],
    [2_000n, 'ok'],
    [2_001n, 'warning'],
    [500n, 'ok'],
    [499n, 'warning'],
  ])('of %s wei where 1000 is usual is %s', (own, verdict) => {
    expect(judgePrice(rational(own), [...others(400, 1_000, 9_000), silent]).verdict).toBe(verdict)
  })

  it('that nobody tells cannot be compared, and the first reason is shown', () => {
    expect(judgePrice(rational(1n), [silent])).toMatchObject({
      verdict: 'warning',
      found: expect.stringContaining('insufficient sender reserve'),
    })
  })

  it.each([
    [1_000n, [900, 1_000], 'ok'],
    [1_000n, [900, 1_100], 'warning'],
    [1_000n, [1_100], 'failed'],
    [1_000n, [], 'failed'],
    [undefined, [1_100, 5_000], 'ok'],
  ])('a gateway that pays %s at most, with orchestrators at %j, is %s', (most, prices, verdict) => {
    expect(judgeTerms(others(...prices), most === undefined ? undefined : rational(most)).verdict).toBe(verdict)
  })
})

describe("a gateway's funds", () => {
  const parameters = arbitrumPaymentParameters
  // A face value of 0.012 ETH, so a reserve of 1.2 ETH for 100 orchestrators.
  const gasPriceWei = 100_000_000n
  const plan = planGateway({
    ...{ streams: 1, hoursPerDay: 24, days: 1, sourceFps: 30, segmentMs: 2_000, parameters, gasPriceWei },
    ladder: [{ width: 1280, height: 720, fps: 30, fpsDen: 1 }],
    price: rational(100n),
    activeOrchestrators: 100n,
  })
  const judge = (deposit: bigint, fundsRemaining: bigint, withdrawRound = 0n) =>
    judgeFunds({
      funds: { deposit, withdrawRound, reserve: { fundsRemaining, claimedInCurrentRound: 0n } },
      ...{ plan, parameters, gasPriceWei, poolSize: 100n, currentRound: 50n },
    })

  it.each([
    ['enough of both', ETH, (12n * ETH) / 10n, 'ok', 'enough for tickets of 0.012 ETH'],
    ['no deposit', 0n, ETH, 'failed', 'both are needed'],
    ['no reserve', ETH, 0n, 'failed', 'both are needed'],
    ['a reserve that pays no redemption', ETH, ETH / 1_000n, 'failed', 'does not pay for redeeming'],
    ['a reserve for smaller tickets', ETH, ETH / 2n, 'warning', 'tickets can be worth 0.005 ETH'],
    ['a deposit below one ticket', ETH / 1_000n, 2n * ETH, 'failed', 'less than one ticket'],
    ['a deposit for a few tickets', ETH / 50n, 2n * ETH, 'warning', 'unlucky day'],
  ])('with %s', (_, deposit, reserve, verdict, found) => {
    expect(judge(deposit, reserve)).toMatchObject({ verdict, found: expect.stringContaining(found) })
  })

  it('that are being unlocked soon pay nobody, and those unlocked later still do', () => {
    expect(judge(ETH, 2n * ETH, 51n)).toMatchObject({
      verdict: 'failed',
      advice: expect.stringContaining('unlock --cancel'),
    })
    expect(judge(ETH, 2n * ETH, 52n).verdict).toBe('ok')
  })
})

describe('GPUs', () => {
  it('are read as nvidia-smi prints them', () => {
    expect(parseGpus('NVIDIA GeForce RTX 3060, 535.54.03, 2\nNVIDIA A2, 535.54.03, [N/A]\n\n')).toEqual([
      { name: 'NVIDIA GeForce RTX 3060', driver: '535.54.03', sessions: 2 },
      { name: 'NVIDIA A2', driver: '535.54.03', sessions: undefined },
    ])
    expect(parseGpus('No devices were found\n')).toEqual([])
  })

  it.each([0, 1, 2, 3, 5, 7, 8, 16])('have their limit of %i sessions found in a few tries', async (limit) => {
    let tries = 0
    const works = async (count: number) => {
      tries++
      return count <= limit
    }
    expect(await largestThatWorks(16, works)).toBe(limit)
    expect(tries).toBeLessThanOrEqual(5)
  })
})
