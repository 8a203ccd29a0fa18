import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { floorRational, rational } from '@millrace/base'
import {
  bondingRate,
  delegatorYield,
  mintableTokens,
  mintedByReward,
  NO_HINT,
  nextInflation,
  pendingFeesOf,
  pendingStakeOf,
  perc9,
  perc27,
  poolHints,
  reserveShare,
  roundsPerYear,
  splitFees,
  splitReward,
  ticketPayout,
  unbondingSchedule,
  withdrawRoundOf,
} from '@millrace/chain'
import {
  DEVNET_GAS_PRICE_WEI,
  DEVNET_PRICE_PER_PIXEL,
  devnetPaymentParameters,
  estimatePixels,
  faceValue,
  feeOf,
  winProb,
} from '@millrace/payments'
import type { Address } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { DEFAULT_WEIGHTS, selectOrchestrator } from '../../packages/node/src/gateway/selection.ts'

const folder = 'docs/concepts'
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'))
const textOf = (page: string) => readFileSync(`${folder}/${page}`, 'utf8')
/** The rows of a page's example, each as it must stand there. */
const expectRows = (page: string, rows: Record<string, string>) => {
  const text = textOf(page)
  for (const [name, value] of Object.entries(rows)) expect(text).toContain(`| ${name} | ${value} |`)
}

const UNIT = 10n ** 18n
/** An amount without trailing zeros. */
const units = (amount: bigint) => {
  const digits = amount.toString().padStart(19, '0')
  return `${digits.slice(0, -18)}.${digits.slice(-18)}`.replace(/\.?0+$/, '')
}
const lpt = (amount: bigint) => `${units(amount)} LPT`
const eth = (amount: bigint) => `${units(amount)} ETH`

describe('the numbers on the pages are those of the code', () => {
  it('staking.md', () => {
    const withdrawRound = withdrawRoundOf(100n, 7n)
    const now = { currentRound: 100n, blocksToNextRound: 3000n, roundLength: 6377n, blockSeconds: 12 }
    const [lock] = unbondingSchedule([{ id: 0n, amount: 1n, withdrawRound }], now)
    const days = (lock!.secondsLeft / 86_400).toFixed(1)
    expect(textOf('staking.md')).toContain(
      `opens in round ${withdrawRound}, which is ${lock!.blocksLeft} blocks or ${days} days away`,
    )
    const address = (end: number): Address => `0x${String(end).padStart(40, '0')}`
    const members = [50n, 40n, 30n].map((stake, index) => ({ address: address(index + 1), stake }))
    const joining = (stake: bigint) => poolHints({ members, maxSize: 3n }, [{ address: address(9), stake }])
    expect(joining(30n)).toEqual([NO_HINT])
    expect(joining(31n)).toEqual([{ newPosPrev: address(2), newPosNext: address(0) }])
  })

  it('delegation.md', () => {
    const start = { rewardFactor: 0n, feeFactor: 0n }
    const terms = { stake: 1000n * UNIT, unclaimedRewards: 0n, ...start }
    const reward = splitReward(10n * UNIT, { ...terms, rewardCut: 200_000n }, 0n)
    const fee = splitFees(UNIT, { ...terms, feeShare: 500_000n })
    const end = { rewardFactor: reward.rewardFactor, feeFactor: fee.feeFactor }
    const bond = { bonded: 100n * UNIT, fees: 0n, start, end }
    expectRows('delegation.md', {
      'shared reward': lpt(reward.shared),
      'reward factor': String(perc27.toNumber(reward.rewardFactor)),
      'your stake': lpt(pendingStakeOf(bond)),
      'shared fee': eth(fee.shared),
      'your fees': eth(pendingFeesOf(bond)),
      "the orchestrator's own, besides its bond": `${lpt(reward.unclaimed)} and ${eth(fee.own)}`,
    })
  })

  it('inflation-and-rewards.md', () => {
    const supply = 40_000_000n * UNIT
    const bonded = 19_200_000n * UNIT
    const before = { inflation: 220_500n, inflationChange: 500n, targetBondingRate: 500_000_000n }
    const inflation = nextInflation({ supply, bonded, ...before })
    const mintable = mintableTokens(supply, inflation)
    const stake = 1_000_000n * UNIT
    const minted = mintedByReward(mintable, stake, bonded)
    const terms = { stake, rewardCut: 250_000n, unclaimedRewards: 0n, rewardFactor: 0n }
    const treasuryCut = perc27.fromNumber(0.1)
    const split = splitReward(minted, terms, treasuryCut)
    const time = { roundLength: 6377n, blockSeconds: 12 }
    const earned = delegatorYield({ ...time, mintable, bonded, treasuryCut, rewardCut: terms.rewardCut })
    const percent = (part: number, digits: number) => `${Number((part * 100).toFixed(digits))} %`
    expectRows('inflation-and-rewards.md', {
      'bonding rate': percent(perc9.toNumber(bondingRate({ supply, bonded })), 6),
      'inflation of the new round': percent(perc9.toNumber(inflation), 6),
      mintable: lpt(mintable),
      'minted by an orchestrator with 1,000,000 LPT': lpt(minted),
      'to the treasury': lpt(split.treasury),
      'commission at a reward cut of 25 %': lpt(split.commission),
      shared: lpt(split.shared),
      'rounds in a year': String(roundsPerYear(time)),
      "a delegator's APR": `${(perc27.toNumber(earned.apr) * 100).toFixed(2)} %`,
      "a delegator's APY": `${(perc27.toNumber(earned.apy) * 100).toFixed(2)} %`,
    })
  })

  it('orchestrator-selection.md', () => {
    const same = { latencyScore: 0.5, quality: 0.95, suspended: false }
    const candidates = [
      { serviceUri: 'https://one', address: '0x01' as Address, pricePerPixel: rational(1n), stakeLpt: 3n, ...same },
      { serviceUri: 'https://two', address: '0x02' as Address, pricePerPixel: rational(3n), stakeLpt: 1n, ...same },
    ]
    const { verdicts } = selectOrchestrator(candidates, { weights: DEFAULT_WEIGHTS }, 0)
    expectRows('orchestrator-selection.md', {
      chance: verdicts.map(({ probability }) => probability.toFixed(4)).join(' | '),
    })
    const text = textOf('orchestrator-selection.md')
    const { random, ...named } = DEFAULT_WEIGHTS
    for (const [name, weight] of Object.entries(named)) expect(text).toContain(`${weight.toFixed(2)} × part by ${name}`)
    expect(text).toContain(`${random.toFixed(2)} × the same for all`)
  })

  it('probabilistic-payments.md', () => {
    const parameters = devnetPaymentParameters
    const value = faceValue(parameters, { gasPriceWei: DEVNET_GAS_PRICE_WEI, maxFloat: UNIT })
    const { num, den } = DEVNET_PRICE_PER_PIXEL
    expectRows('probabilistic-payments.md', {
      'face value': `${value} wei`,
      'expected value': `${parameters.ticketEvWei} wei`,
      'winning probability': (Number(winProb(value, parameters.ticketEvWei)) / 2 ** 256).toFixed(1),
      price: `${num} wei for ${den} pixels`,
      'pixels that one ticket pays for': String((parameters.ticketEvWei * den) / num),
    })
    const reserve = {
      fundsRemaining: 10n * UNIT,
      claimedInCurrentRound: 0n,
      claimedByMe: 0n,
      poolSize: 4n,
      active: true,
    }
    const paid = eth(ticketPayout(5n * UNIT, UNIT, reserve))
    const text = textOf('probabilistic-payments.md')
    expect(text).toContain(`takes ${parameters.redeemGas} gas at ${DEVNET_GAS_PRICE_WEI} wei`)
    expect(text).toContain(`pays ${paid}, the deposit and a share of ${eth(reserveShare(reserve))}`)
  })

  it('verification.md', () => {
    const sizes = [
      { width: 426, height: 240, fps: 30, fpsDen: 1 },
      { width: 640, height: 360, fps: 30, fpsDen: 1 },
    ]
    const pixels = estimatePixels(sizes, 2_000)
    expectRows('verification.md', {
      'pixels of the smaller one': String(estimatePixels(sizes.slice(0, 1), 2_000)),
      'pixels of the larger one': String(estimatePixels(sizes.slice(1), 2_000)),
      'pixels in all': String(pixels),
      'fee at 1 wei for 5 pixels': `${floorRational(feeOf(pixels, rational(1n, 5n)))} wei`,
    })
  })
})

describe('every page ends with the command that runs its tests', () => {
  it('there are pages', () => expect(pages.length).toBeGreaterThanOrEqual(6))

  it.each(pages)('%s', (page) => {
    const last = textOf(page).trimEnd().split('\n').slice(-3).join('\n')
    const paths = /npx vitest run ([^`\n]+)/.exec(last)?.[1]?.split(' ') ?? []
    expect(paths.length, last).toBeGreaterThan(0)
    for (const path of paths) {
      expect(existsSync(path), path).toBe(true)
      const files = path.endsWith('.ts')
        ? [path]
        : readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => `${path}/${name}`)
      // What `npm test` runs: see vitest.config.ts.
      const run = files.filter((file) => /^(packages|apps|contracts|test)\/.*\.test\.tsx?$/.test(file))
      expect(run.filter((file) => !/(^|\/)(node_modules|dist)\//.test(file)).length, path).toBeGreaterThan(0)
    }
  })
})
