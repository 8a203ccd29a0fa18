import { compareRational, multiplyRational, rational } from '@millrace/base'
import { DEFAULT_LADDER, priceFromRational, sessionId } from '@millrace/wire'
import { describe, expect, it } from 'vitest'
import { GatewayBalances } from './balance.ts'
import {
  DEVNET_DEPOSIT_WEI,
  DEVNET_GAS_PRICE_WEI,
  DEVNET_PRICE_PER_PIXEL,
  DEVNET_RESERVE_WEI,
  DEVNET_SEGMENT_PIXELS,
  DEVNET_SEGMENT_SECONDS,
  DEVNET_SOURCE_FPS,
  devnetPaymentParameters,
} from './devnet-parameters.ts'
import { estimateFee, feeOf, minCredit } from './fees.ts'
import { autoAdjustPrice } from './price.ts'
import { maxFloatOf, reserveAllocation } from './senderMonitor.ts'
import { MAX_WIN_PROB, ticketEv } from './ticket.ts'
import { effectiveTxCostMultiplier, faceValue, txCost, winProb } from './winProb.ts'

const parameters = devnetPaymentParameters
const gasPriceWei = DEVNET_GAS_PRICE_WEI

/** What an orchestrator may ask of the laptop's gateway when that many orchestrators share its reserve. */
const maxFloat = (poolSize: bigint, pending = 0n) => {
  const reserve = { fundsRemaining: DEVNET_RESERVE_WEI, claimedInCurrentRound: 0n }
  return maxFloatOf({
    allocation: reserveAllocation(reserve, { poolSize, claimedByMe: 0n }),
    deposit: DEVNET_DEPOSIT_WEI,
    pending,
  })
}

const face = faceValue(parameters, { gasPriceWei, maxFloat: maxFloat(2n) })
const probability = winProb(face, parameters.ticketEvWei)
const ev = ticketEv({ faceValue: face, winProb: probability })
const price = autoAdjustPrice(DEVNET_PRICE_PER_PIXEL, effectiveTxCostMultiplier(face, txCost(parameters, gasPriceWei)))

describe('on the laptop', () => {
  it('one ticket in ten wins, by the formulas of upstream', () => {
    expect(face).toBe(parameters.ticketEvWei * 10n)
    const share = Number((probability * 1_000_000n) / MAX_WIN_PROB) / 1_000_000
    expect(share).toBeGreaterThan(0.0999)
    expect(share).toBeLessThan(0.1001)
  })

  it('the price is above zero and fits the wire, also when it is adjusted for redeeming', () => {
    expect(price.num).toBeGreaterThan(0n)
    expect(compareRational(price, DEVNET_PRICE_PER_PIXEL)).toBeGreaterThanOrEqual(0)
    expect(() => priceFromRational(price)).not.toThrow()
    expect(compareRational(price, multiplyRational(DEVNET_PRICE_PER_PIXEL, rational(102n, 100n)))).toBeLessThan(0)
  })

  it('every segment of the default ladder is paid with at least four tickets', () => {
    const pixels =
      DEFAULT_LADDER.reduce((sum, p) => sum + p.width * p.height, 0) * DEVNET_SOURCE_FPS * DEVNET_SEGMENT_SECONDS
    expect(DEVNET_SEGMENT_PIXELS).toBe(BigInt(pixels))
    const estimate = estimateFee(DEFAULT_LADDER, DEVNET_SEGMENT_SECONDS * 1000, price)
    const session = { orchestrator: '0x00000000000000000000000000000000000000ee', sessionId: sessionId('s') } as const
    const ledger = new GatewayBalances()
    for (let seq = 0; seq < 100; seq++) {
      const staged = ledger.stageUpdate(session, { minCredit: minCredit(estimate, ev), ev })
      expect(staged.tickets).toBeGreaterThanOrEqual(4)
      expect(staged.tickets).toBeLessThan(20)
      ledger.settle(staged, { status: 'receivedChange', debit: feeOf(DEVNET_SEGMENT_PIXELS, price) })
    }
  })

  it('tickets stay inside what gateways give and what their deposit covers', () => {
    expect(parameters.ticketEvWei).toBeLessThanOrEqual(parameters.maxTicketEvWei)
    expect(parameters.ticketEvWei * 20n).toBeLessThanOrEqual(parameters.maxTotalEvWei)
    expect(parameters.ticketEvWei).toBeLessThan(face)
    expect(face).toBeLessThanOrEqual(DEVNET_DEPOSIT_WEI / parameters.depositMultiplier)
  })

  it('redeeming a ticket costs a hundredth of it', () => {
    expect(face).toBe(txCost(parameters, gasPriceWei) * 100n)
  })

  it('a reserve shared by a hundred orchestrators still covers face values, while a thousand are being redeemed', () => {
    expect(maxFloat(100n)).toBeGreaterThanOrEqual(face)
    expect(maxFloat(100n, face * 1000n)).toBeGreaterThanOrEqual(face)
    expect(faceValue(parameters, { gasPriceWei, maxFloat: maxFloat(100n) })).toBe(face)
  })

  it('the deposit lasts for days of eight streams', () => {
    const perSegment = feeOf(DEVNET_SEGMENT_PIXELS, price)
    const segmentsPerDay = 8n * (86_400n / BigInt(DEVNET_SEGMENT_SECONDS))
    const perDay = multiplyRational(perSegment, rational(segmentsPerDay))
    expect(compareRational(multiplyRational(perDay, rational(7n)), rational(DEVNET_DEPOSIT_WEI))).toBeLessThan(0)
  })

  it('parameters are valid for ten blocks, and for no longer than a ticket can be redeemed', () => {
    expect(parameters.paramsValidityBlocks).toBe(10n)
    expect(parameters.ticketValidityRounds).toBe(2n)
  })
})
