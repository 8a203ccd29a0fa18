import { existsSync, readFileSync } from 'node:fs'
import { errorText, MillraceError, multiplyRational, type Rational, rational } from '@millrace/base'
import type { GatewayConfig, OrchestratorConfig } from '@millrace/node'
import { capabilityOfPipeline } from '@millrace/wire'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag, type Flags } from '../flags/flags.ts'
import { parseRational } from '../flags/rational-text.ts'
import { ethAddress } from './addresses.ts'

const WEI_PER: Readonly<Record<string, bigint>> = { '': 1n, wei: 1n, eth: 10n ** 18n }

/** A price for a pixel, in wei or in a currency that a price feed converts. */
export type PixelPrice = { readonly pricePerPixel: Rational; readonly currency?: string }

/** The price in `name` for the pixels in -pixelsPerUnit. */
export function pricePerPixel(flags: Flags, name: 'pricePerUnit' | 'maxPricePerUnit', onChain: boolean): PixelPrice {
  return perPixel(name, amountOf(name, flags.text(name), onChain), pixels('pixelsPerUnit', flags.text('pixelsPerUnit')))
}

/** The price in `name`, which is for a gigabyte. */
export function pricePerByte(
  flags: Flags,
  name: 'pricePerGigabyte' | 'maxPricePerGigabyte',
  onChain: boolean,
): { readonly pricePerByte: Rational; readonly currency?: string } {
  const { pricePerPixel: price, ...currency } = perPixel(name, amountOf(name, flags.text(name), onChain), GIGABYTE)
  return { pricePerByte: price, ...currency }
}

/** The prices of -pricePerGateway, JSON or a file of it; undefined without any. */
export function gatewayPrices(flags: Flags, onChain: boolean): OrchestratorConfig['gatewayPrices'] {
  const text = flags.optional('pricePerGateway')
  if (text === undefined) return undefined
  const json = parse(existsSync(text) ? readFileSync(text, 'utf8') : text) as Record<string, unknown> | null
  const rows = json?.gateways ?? json?.broadcasters
  if (!Array.isArray(rows)) throw notPrices('it must hold a list named gateways')
  return rows.map((row: Record<string, unknown> | null) => {
    const { ethaddress, priceperunit, pixelsperunit = 1, currency = '' } = row ?? {}
    if (typeof ethaddress !== 'string' || typeof currency !== 'string') throw notPrices('each needs an ethaddress')
    const price = amountOf('pricePerGateway', `${String(priceperunit)}${currency}`, onChain)
    return {
      gateway: ethAddress('pricePerGateway', ethaddress),
      ...perPixel('pricePerGateway', price, pixels('pricePerGateway', String(pixelsperunit))),
    }
  })
}

/**
 * The ceilings of -maxPricePerCapability, JSON or a file of it. What names no pixels is for those of -pixelsPerUnit; what names no
 * price, or 0, has that of -maxPricePerUnit.
 */
export function capabilityCeilings(flags: Flags, onChain: boolean): Pick<GatewayConfig, 'maxPricesPerCapability'> {
  const flag = 'maxPricePerCapability'
  const text = flags.optional(flag)
  if (text === undefined) return {}
  const json = parse(existsSync(text) ? readFileSync(text, 'utf8') : text, flag) as Record<string, unknown> | null
  const rows = json?.capabilities_prices
  if (!Array.isArray(rows)) throw notPrices('it must hold a list named capabilities_prices', flag)
  const most = pricePerPixel(flags, 'maxPricePerUnit', onChain)
  const maxPricesPerCapability = rows.flatMap((row: Record<string, unknown> | null) => {
    const { pipeline, model_id: model, price_per_unit: price, pixels_per_unit: unit, currency = '' } = row ?? {}
    if (typeof pipeline !== 'string' || typeof currency !== 'string') throw notPrices('each needs a pipeline', flag)
    const capability = capabilityOfPipeline(pipeline)
    if (capability === undefined)
      throw notPrices(
        `${JSON.stringify(pipeline.slice(0, 80))} is no pipeline, such as hevc-encode or text-to-image`,
        flag,
      )
    const modelId = typeof model === 'string' && model !== '' ? model : 'default'
    if (!isAbove0(price)) return most.pricePerPixel.num > 0n ? [{ capability, modelId, ...most }] : []
    const amount = amountOf(flag, `${String(price)}${currency}`, onChain)
    const per = pixels(flag, isAbove0(unit) ? String(unit) : flags.text('pixelsPerUnit'))
    return [{ capability, modelId, ...perPixel(flag, amount, per) }]
  })
  return { maxPricesPerCapability }
}

const GIGABYTE = rational(10n ** 9n)

const isAbove0 = (value: unknown): boolean => value !== undefined && value !== null && !(Number(value) <= 0)

type Amount = { readonly value: Rational; readonly currency?: string }

/** `1200`, `1200wei` or `0.000001ETH` as wei; `0.50USD` as dollars, which need a chain with a price feed. */
function amountOf(name: FlagName, text: string, onChain: boolean): Amount {
  const [, number = '', currency = ''] = /^([\d./]+(?:[eE][+-]?\d+)?)\s*([A-Za-z]\w{0,15})?$/.exec(text) ?? []
  const value = parseRational(number)
  if (!value) throw badFlag(name, 'a price from 0, such as 1200, 0.000001ETH or 0.5USD', text)
  const factor = WEI_PER[currency.toLowerCase()]
  if (factor !== undefined) return { value: multiplyRational(value, rational(factor)) }
  if (!onChain) throw badFlag(name, 'in wei or ETH where there is no chain: other currencies need its price feed', text)
  return { value, currency: currency.toUpperCase() }
}

function pixels(name: FlagName, text: string): Rational {
  const value = parseRational(text)
  if (!value || value.num === 0n) throw badFlag(name, 'a number of pixels above 0, such as 1 or 1e12', text)
  return value
}

function perPixel(name: FlagName, { value, currency }: Amount, pixelsPerUnit: Rational): PixelPrice {
  const result = rational(value.num * pixelsPerUnit.den, value.den * pixelsPerUnit.num)
  // Prices travel as two int64.
  if (result.num > INT64 || result.den > INT64)
    throw badFlag(name, 'a price that fits two numbers of 64 bits for each piece sold', `${result.num}/${result.den}`)
  return { pricePerPixel: result, ...(currency !== undefined && { currency }) }
}

const INT64 = (1n << 63n) - 1n

function parse(text: string, flag: FlagName = 'pricePerGateway'): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw notPrices(errorText(cause), flag)
  }
}

const notPrices = (why: string, flag: FlagName = 'pricePerGateway'): MillraceError =>
  new MillraceError('bad_flag', `-${flag} is not JSON of prices: ${why}`)
