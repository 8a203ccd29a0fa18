import { ManualClock, type Rational, silentLog } from '@millrace/base'
import { arbitrumPaymentParameters, faceValue } from '@millrace/payments'
import { type NodeEventBody, nodeId } from '@millrace/wire'
import { beforeEach, expect, it } from 'vitest'
import type { NamedPrice } from '../api/context.ts'
import type { OrchestratorConfig } from '../config/node-config.ts'
import { Dispatcher } from '../orchestrator/dispatch.ts'
import { SessionTable } from '../orchestrator/session-table.ts'
import { OrchestratorSettings } from './orchestrator-control.ts'
import { CurrencyRates, inWei, UNKNOWN_PRICE } from './price-feed.ts'

let sessions: SessionTable
let dispatcher: Dispatcher
let settings: OrchestratorSettings
let events: NodeEventBody[]

beforeEach(() => {
  events = []
  sessions = new SessionTable({ capacity: 2 }, { clock: new ManualClock(0), onEnd: () => {} })
  dispatcher = new Dispatcher({ log: silentLog })
  const config = { pricePerPixel: { num: 3n, den: 2n } } as OrchestratorConfig
  const tell = (event: NodeEventBody) => void events.push(event)
  const parameters = arbitrumPaymentParameters
  const rates = new CurrencyRates({
    chain: undefined,
    config: { network: { kind: 'offchain' } } as never,
    log: silentLog,
  })
  settings = new OrchestratorSettings(config, { parameters }, { sessions, dispatcher, rates, tell })
})

it('a largest face value holds for tickets from then on, until it is taken away', () => {
  const parameters = settings.applyTo(arbitrumPaymentParameters)
  const now = { gasPriceWei: 10n ** 9n, maxFloat: 10n ** 20n }
  const usual = faceValue(parameters, now)
  settings.maxFaceValue = usual / 2n
  expect(faceValue(parameters, now)).toBe(usual / 2n)
  settings.maxFaceValue = 0n
  expect(faceValue(parameters, now)).toBe(usual)
})

it('as many sessions are taken as was said, or as the workers can take', () => {
  for (const id of ['a', 'b']) sessions.begin(id as never, `0x${'1'.repeat(40)}`)
  expect(sessions.full).toBe(true)
  settings.setMaxSessions(3)
  expect(sessions.full).toBe(false)
  settings.setMaxSessions('auto')
  expect(sessions.full).toBe(true)
  const never = () => Promise.reject(new Error('not asked'))
  const leave = dispatcher.join({ workerId: nodeId('w'), capacity: 5, transcode: never, endSession: never })
  expect(settings.load()).toMatchObject({ sessions: 2, maxSessions: 5, workers: [{ workerId: 'w', capacity: 5 }] })
  expect(sessions.full).toBe(false)
  leave()
  expect(sessions.full).toBe(true)
})

it('a price is told to those who show it', async () => {
  await settings.setPrice('default', { pricePerPixel: { num: 7n, den: 1n } })
  await settings.setPrice(`0x${'1'.repeat(40)}`, { pricePerPixel: { num: 1n, den: 2n } })
  expect(events).toEqual([
    { type: 'price_changed', pricePerPixel: '7/1' },
    { type: 'price_changed', pricePerPixel: '1/2', sender: `0x${'1'.repeat(40)}` },
  ])
})

it('a price in the currency of the feed follows it, until it is set in wei', async () => {
  const listeners: ((weiPerUnit: Rational) => void)[] = []
  const rates = {
    use: () => {},
    onRate: (listener: (weiPerUnit: Rational) => void) => void listeners.push(listener),
    toWei: async (price: NamedPrice) => (price.currency ? inWei(price, { num: 10n, den: 1n }) : price.pricePerPixel),
  }
  const friend = `0x${'1'.repeat(40)}` as const
  const config = {
    pricePerPixel: { num: 1n, den: 1n },
    currency: 'USD',
    gatewayPrices: [{ gateway: friend, pricePerPixel: { num: 2n, den: 1n }, currency: 'USD' }],
  } as unknown as OrchestratorConfig
  const parameters = arbitrumPaymentParameters
  const settings = new OrchestratorSettings(config, { parameters }, { sessions, dispatcher, rates, tell: () => {} })
  // Before the feed has answered it sells to nobody for too little.
  expect(settings.basePrice).toEqual(UNKNOWN_PRICE)
  const answer = (weiPerUnit: bigint) => {
    for (const listener of listeners) listener({ num: weiPerUnit, den: 1n })
  }
  answer(7n)
  expect(settings.basePrice).toEqual({ num: 7n, den: 1n })
  expect(settings.gatewayPrices.get(friend)).toEqual({ num: 14n, den: 1n })
  await settings.setPrice('default', { pricePerPixel: { num: 5n, den: 1n } })
  answer(8n)
  expect(settings.basePrice).toEqual({ num: 5n, den: 1n })
  expect(settings.gatewayPrices.get(friend)).toEqual({ num: 16n, den: 1n })
  await settings.setPrice('default', { pricePerPixel: { num: 3n, den: 1n }, currency: 'USD' })
  expect(settings.basePrice).toEqual({ num: 30n, den: 1n })
  answer(9n)
  expect(settings.basePrice).toEqual({ num: 27n, den: 1n })
})

it('a price in another currency is refused where there is no price feed, and the old one holds', async () => {
  const price = { pricePerPixel: { num: 1n, den: 1n }, currency: 'USD' }
  await expect(settings.setPrice('default', price)).rejects.toMatchObject({ code: 'no_price_feed' })
  expect(settings.basePrice).toEqual({ num: 3n, den: 2n })
  expect(events).toEqual([])
})
