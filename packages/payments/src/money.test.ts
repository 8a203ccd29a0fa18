import { addRational, compareRational, ManualClock, type Rational, rational } from '@millrace/base'
import { DEFAULT_LADDER, sessionId } from '@millrace/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BALANCE_TTL_MS, Balances, GatewayBalances } from './balance.ts'
import { ESTIMATE_MARGIN, estimateFee, estimatePixels, feeOf, minCredit, ticketsNeeded } from './fees.ts'
import { fact } from './network-facts.fixture.ts'
import {
  autoAdjustPrice,
  PricePolicy,
  priceFromFixed,
  priceToFixed,
  tokenAmountToFixed,
  validatePrice,
} from './price.ts'

const ratio = (text: string): Rational => {
  const [num, den] = text.split('/')
  return rational(BigInt(num!), BigInt(den ?? 1))
}
const amount = fc.tuple(fc.bigInt(0n, 10n ** 20n), fc.bigInt(1n, 10n ** 6n)).map(([num, den]) => rational(num, den))
const ME = '0x00000000000000000000000000000000000000ee' as const
const ID = sessionId('abcd')

describe('prices', () => {
  it('are raised to pay for redeeming', () => {
    const { input, expected } = fact<{ base: string; txCostMultiplier: string }[], string[]>('price-info-auto-adjust')
    const adjusted = input.map(({ base, txCostMultiplier: m }) =>
      autoAdjustPrice(ratio(base), m === 'any' ? rational(7n) : ratio(m)),
    )
    expect(adjusted).toEqual(expected.map(ratio))
    expect(autoAdjustPrice(rational(10n), undefined)).toEqual(rational(10n))
  })

  it('are kept with three decimals in the directory', () => {
    const { input, expected } = fact<string[], number[]>('price-to-fixed')
    expect(input.map((price) => Number(priceToFixed(ratio(price))))).toEqual(expected)
    expect(priceFromFixed(1250n)).toEqual(rational(5n, 4n))
  })

  it('of stakes are kept with five decimals, capped at int64', () => {
    const { input, expected } = fact<string[], string[]>('stake-to-fixed')
    expect(input.map((stake) => tokenAmountToFixed(BigInt(stake)).toString())).toEqual(expected)
  })

  it('may double within a session, but not more', () => {
    const { input, expected } = fact<{ price: string; initial: string | null }[], string[]>('validate-price')
    input.forEach(({ price, initial }, i) => {
      const check = () => validatePrice(ratio(price), initial === null ? undefined : ratio(initial))
      if (expected[i] === 'ok') expect(check).not.toThrow()
      else expect(check).toThrow(expected[i])
    })
    expect(() => validatePrice(undefined, undefined)).toThrow('missing orchestrator price')
  })

  it('for one gateway beat the base price', async () => {
    const options = { basePrice: rational(10n), autoAdjust: true, perGateway: new Map([[ME, rational(4n)]]) }
    const policy = new PricePolicy(options, { txCostMultiplier: async () => rational(100n) })
    expect(await policy.priceFor(ME)).toEqual(rational(101n, 25n))
    expect(await policy.priceFor('0x00000000000000000000000000000000000000aa')).toEqual(rational(101n, 10n))
    policy.set({ autoAdjust: false })
    expect(await policy.priceFor(ME)).toEqual(rational(4n))
  })
})

describe('fees', () => {
  it('are estimated with the margin of upstream, to the bit', () => {
    expect(Number(ESTIMATE_MARGIN.num) / Number(ESTIMATE_MARGIN.den)).toBe(1.02)
    expect(ESTIMATE_MARGIN.den).toBe(1n << 51n)
    expect(estimateFee([{ width: 1, height: 1, fps: 1 }], 1000, rational(1n))).toEqual(ESTIMATE_MARGIN)
  })

  it('count whole frames and whole seconds, and 60 frames where the source decides', () => {
    const size = { width: 100, height: 10 }
    expect(estimatePixels([{ ...size, fps: 30 }], 2000)).toBe(60_000n)
    expect(estimatePixels([{ ...size, fps: 30_000, fpsDen: 1001 }], 1001)).toBe(60_000n)
    expect(estimatePixels([{ ...size, fps: 0 }], 1)).toBe(60_000n)
    expect(estimatePixels([], 2000)).toBe(0n)
    expect(estimatePixels(DEFAULT_LADDER, 2000)).toBe(1_664_160n * 120n)
  })

  it('are covered by just as many tickets as are needed', () => {
    fc.assert(
      fc.property(amount, amount, amount, (credit, ev, balance) => {
        fc.pre(ev.num > 0n)
        // Few enough tickets to be counted by a number.
        const need = rational(credit.num % 10n ** 9n)
        const tickets = BigInt(ticketsNeeded(need, ev, balance))
        const worth = (n: bigint) => addRational(balance, rational(ev.num * n, ev.den))
        expect(compareRational(worth(tickets), need)).toBeGreaterThanOrEqual(0)
        if (tickets > 0n) expect(compareRational(worth(tickets - 1n), need)).toBeLessThan(0)
      }),
    )
    expect(ticketsNeeded(rational(10n), rational(3n), rational(10n))).toBe(0)
    expect(ticketsNeeded(rational(10n), rational(3n), rational(-1n))).toBe(4)
    expect(ticketsNeeded(rational(10n), rational(0n), rational(0n))).toBe(0)
  })

  it('are never asked below one ticket', () => {
    expect(minCredit(rational(1n), rational(5n))).toEqual(rational(5n))
    expect(minCredit(rational(7n), rational(5n))).toEqual(rational(7n))
  })
})

describe("an orchestrator's ledger", () => {
  it('is the sum of its credits less the sum of its debits', () => {
    const entry = fc.record({ debit: fc.boolean(), amount })
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const ledger = new Balances()
        let sum = rational(0n)
        for (const { debit, amount: value } of entries) {
          const signed = debit ? { num: -value.num, den: value.den } : value
          const before = sum
          sum = addRational(sum, signed)
          if (debit) {
            const paid = before.num >= 0n && sum.num >= 0n
            expect(ledger.debit(ME, ID, value)).toEqual({ before, after: sum, paid })
          } else expect(ledger.credit(ME, ID, value)).toEqual(sum)
        }
        expect(ledger.balance(ME, ID) ?? rational(0n)).toEqual(sum)
      }),
    )
  })

  it('is enough for a segment when it covers one ticket', () => {
    const ledger = new Balances()
    expect(ledger.isSufficient(ME, ID, rational(1n))).toBe(false)
    expect(ledger.isSufficient(ME, ID, rational(0n))).toBe(true)
    ledger.credit(ME, ID, rational(1n))
    expect(ledger.isSufficient(ME, ID, rational(1n))).toBe(true)
    expect(ledger.isSufficient(ME, sessionId('other'), rational(1n))).toBe(false)
  })

  it('pins a price once something was credited', () => {
    const ledger = new Balances()
    ledger.setFixedPrice(ME, ID, rational(3n))
    expect(ledger.fixedPrice(ME, ID)).toBeUndefined()
    ledger.credit(ME, ID, rational(1n))
    ledger.setFixedPrice(ME, ID, rational(3n))
    expect(ledger.fixedPrice(ME, ID)).toEqual(rational(3n))
  })

  it('is forgotten when it is not used for ten minutes, or when its session ends', async () => {
    const clock = new ManualClock()
    const ledger = new Balances({}, { clock })
    ledger.credit(ME, ID, rational(1n))
    await clock.advance(BALANCE_TTL_MS - 1)
    expect(ledger.balance(ME, ID)).toEqual(rational(1n))
    await clock.advance(BALANCE_TTL_MS)
    expect(ledger.balance(ME, ID)).toBeUndefined()
    expect(ledger.size).toBe(0)
    ledger.credit(ME, ID, rational(1n))
    ledger.end(ME, ID)
    expect(ledger.balance(ME, ID)).toBeUndefined()
  })
})

describe("a gateway's ledger", () => {
  const session = { orchestrator: ME, sessionId: ID }
  const need = { minCredit: rational(10n), ev: rational(3n) }

  it('sets all credit aside for a segment and asks for tickets on top', () => {
    const ledger = new GatewayBalances()
    const first = ledger.stageUpdate(session, need)
    expect(first).toMatchObject({ tickets: 4, newCredit: rational(12n), existingCredit: rational(0n) })
    ledger.settle(first, { status: 'receivedChange', debit: rational(7n) })
    expect(ledger.balance(ME, ID)).toEqual(rational(5n))
    const second = ledger.stageUpdate(session, need)
    expect(second).toMatchObject({ tickets: 2, newCredit: rational(6n), existingCredit: rational(5n) })
    expect(ledger.balance(ME, ID)).toEqual(rational(0n))
  })

  it('gives back what was there when the payment never arrived', () => {
    const ledger = new GatewayBalances()
    ledger.settle(ledger.stageUpdate(session, need), { status: 'receivedChange', debit: rational(7n) })
    ledger.settle(ledger.stageUpdate(session, need), { status: 'staged' })
    expect(ledger.balance(ME, ID)).toEqual(rational(5n))
  })

  it('counts everything as spent when nothing came back', () => {
    const ledger = new GatewayBalances()
    ledger.settle(ledger.stageUpdate(session, need), { status: 'receivedChange', debit: rational(7n) })
    ledger.settle(ledger.stageUpdate(session, need), { status: 'creditSpent' })
    expect(ledger.balance(ME, ID)).toEqual(rational(0n))
  })

  it('agrees with the orchestrator after any number of segments, and every segment is paid', () => {
    const segment = fc.record({ pixels: fc.bigInt(1n, 10n ** 8n), usedPercent: fc.bigInt(1n, 100n) })
    const price = rational(101n, 500n)
    const ev = rational(3_500_001n, 7n)
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 20 }), (segments) => {
        const gateway = new GatewayBalances()
        const orchestrator = new Balances()
        for (const { pixels, usedPercent } of segments) {
          const staged = gateway.stageUpdate(session, { minCredit: minCredit(feeOf(pixels, price), ev), ev })
          orchestrator.credit(ME, ID, staged.newCredit)
          expect(orchestrator.isSufficient(ME, ID, ev)).toBe(true)
          const debit = feeOf((pixels * usedPercent) / 100n, price)
          expect(orchestrator.debit(ME, ID, debit).paid).toBe(true)
          gateway.settle(staged, { status: 'receivedChange', debit })
          expect(gateway.balance(ME, ID)).toEqual(orchestrator.balance(ME, ID))
        }
      }),
    )
  })
})
