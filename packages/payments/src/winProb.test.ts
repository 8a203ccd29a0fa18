import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fact } from './network-facts.fixture.ts'
import { mainChainPaymentParameters, type PaymentParameters } from './parameters.ts'
import { MAX_WIN_PROB, ticketEv } from './ticket.ts'
import { effectiveTxCostMultiplier, faceValue, txCost, winProb } from './winProb.ts'

const parameters: PaymentParameters = { ...mainChainPaymentParameters, ticketEvWei: 5n, redeemGas: 10_000n }

describe('the face value', () => {
  it('is a hundred times the redemption', () => {
    expect(faceValue(parameters, { gasPriceWei: 100n, maxFloat: 10n ** 10n })).toBe(100_000_000n)
  })

  it('is a hundred expected values when redeeming is free', () => {
    const { input, expected } = fact<{ ticketEV: string; gasPrice: string }, { faceValue: string }>('face-value-floor')
    const ticketEvWei = BigInt(input.ticketEV)
    const value = faceValue(
      { ...parameters, ticketEvWei },
      { gasPriceWei: BigInt(input.gasPrice), maxFloat: MAX_WIN_PROB },
    )
    expect(value).toBe(BigInt(expected.faceValue))
  })

  it('is no more than the sender can pay, and no more than the operator wants', () => {
    expect(faceValue(parameters, { gasPriceWei: 1n, maxFloat: 10_001n })).toBe(10_001n)
    expect(faceValue({ ...parameters, maxFaceValueWei: 20_000n }, { gasPriceWei: 1n, maxFloat: 10n ** 9n })).toBe(
      20_000n,
    )
    expect(faceValue({ ...parameters, maxFaceValueWei: 0n }, { gasPriceWei: 1n, maxFloat: 10n ** 9n })).toBe(1_000_000n)
  })

  it('is refused when the sender cannot pay an expected value or a redemption', () => {
    type Row = { maxFloat: string; ticketEV?: string; redeemGas?: number; gasPrice?: string }
    const { input, expected } = fact<Row[], { error: string }[]>('insufficient-reserve')
    input.forEach((row, i) => {
      const own = {
        ...parameters,
        ...(row.ticketEV && { ticketEvWei: BigInt(row.ticketEV) }),
        ...(row.redeemGas && { redeemGas: BigInt(row.redeemGas) }),
      }
      const now = { gasPriceWei: BigInt(row.gasPrice ?? 1), maxFloat: BigInt(row.maxFloat) }
      expect(() => faceValue(own, now)).toThrow(expected[i]!.error)
    })
  })

  it('may be below a momentarily dear redemption when the usual one is cheaper', () => {
    const now = { gasPriceWei: 3_000_000_001n, maxFloat: 30_000_000_000_000n }
    expect(faceValue(parameters, now)).toBe(30_000_000_000_000n)
  })
})

describe('the winning probability', () => {
  it('is the one upstream computes', () => {
    for (const { input, expected } of [
      fact<{ faceValue: string; ticketEV: string }, string>('win-prob-1'),
      fact<{ faceValue: string; ticketEV: string }, string>('win-prob-3'),
    ])
      expect(winProb(BigInt(input.faceValue), BigInt(input.ticketEV)).toString()).toBe(expected)
  })

  it('is certain when the face value is the expected value, and none when there is no face value', () => {
    expect(winProb(5n, 5n)).toBe(MAX_WIN_PROB)
    expect(winProb(0n, 5n)).toBe(0n)
  })

  it('gives tickets the expected value that was asked for, to less than a millionth', () => {
    const amount = fc.bigInt(1n, 10n ** 24n)
    fc.assert(
      fc.property(amount, amount, (ev, more) => {
        const face = ev + more
        const probability = winProb(face, ev)
        expect(probability).toBeLessThanOrEqual(MAX_WIN_PROB)
        const { num, den } = ticketEv({ faceValue: face, winProb: probability })
        const difference = num - ev * den
        expect((difference < 0n ? -difference : difference) * 1_000_000n).toBeLessThan(den)
      }),
    )
  })
})

it('a ticket is worth its redemption so many times', () => {
  expect(txCost(parameters, 3n)).toBe(30_000n)
  expect(effectiveTxCostMultiplier(45_000n, 30_000n)).toEqual({ num: 3n, den: 2n })
  expect(effectiveTxCostMultiplier(45_000n, 0n)).toBeUndefined()
})
