import { existsSync, readFileSync } from 'node:fs'
import { errorText, MillraceError, multiplyRational, type Rational, rational } from '@millrace/base'
import type { OrchestratorConfig } from '@millrace/node'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag, type Flags } from '../flags/flags.ts'
import { parseRational } from '../flags/rational-text.ts'
import { ethAddress } from './addresses.ts'

const WEI_PER: Readonly<Record<string, bigint>> = { '': 1n, wei: 1n, eth: 10n ** 18n }

/** Wei per pixel from the price in `name` and the pixels in -pixelsPerUnit. */
export function pricePerPixel(flags: Flags, name: 'pricePerUnit' | 'maxPricePerUnit'): Rational {
  return perPixel(name, weiOf(name, flags.text(name)), pixels('pixelsPerUnit', flags.text('pixelsPerUnit')))
}

/** The prices of -pricePerGateway, JSON or a file of it; undefined without any. */
export function gatewayPrices(flags: Flags): OrchestratorConfig['gatewayPrices'] {
  const text = flags.optional('pricePerGateway')
  if (text === undefined) return undefined
  const json = parse(existsSync(text) ? readFileSync(text, 'utf8') : text) as Record<string, unknown> | null
  const rows = json?.gateways ?? json?.broadcasters
  if (!Array.isArray(rows)) throw notPrices('it must hold a list named gateways')
  return rows.map((row: Record<string, unknown> | null) => {
    const { ethaddress, priceperunit, pixelsperunit = 1, currency = '' } = row ?? {}
    if (typeof ethaddress !== 'string' || typeof currency !== 'string') throw notPrices('each needs an ethaddress')
    const price = weiOf('pricePerGateway', `${String(priceperunit)}${currency}`)
    return {
      gateway: ethAddress('pricePerGateway', ethaddress),
      pricePerPixel: perPixel('pricePerGateway', price, pixels('pricePerGateway', String(pixelsperunit))),
    }
  })
}

/** Wei of `1200`, `1200wei` or `0.000001ETH`. Other currencies need a price feed: they are refused with `flag_not_served`. */
function weiOf(name: FlagName, text: string): Rational {
  const [, number = '', currency = ''] = /^([\d./]+(?:[eE][+-]?\d+)?)\s*([A-Za-z]\w*)?$/.exec(text) ?? []
  const value = parseRational(number)
  if (!value) throw badFlag(name, 'a price from 0, such as 1200 or 0.5', text)
  const factor = WEI_PER[currency.toLowerCase()]
  if (factor === undefined)
    throw new MillraceError(
      'flag_not_served',
      `-${name} is in ${currency.slice(0, 16)}: prices in other currencies than wei and ETH are not served yet; give wei`,
    )
  return multiplyRational(value, rational(factor))
}

function pixels(name: FlagName, text: string): Rational {
  const value = parseRational(text)
  if (!value || value.num === 0n) throw badFlag(name, 'a number of pixels above 0, such as 1 or 1e12', text)
  return value
}

function perPixel(name: FlagName, price: Rational, pixelsPerUnit: Rational): Rational {
  const result = rational(price.num * pixelsPerUnit.den, price.den * pixelsPerUnit.num)
  // Prices travel as two int64.
  if (result.num > INT64 || result.den > INT64)
    throw badFlag(name, 'a price that fits two numbers of 64 bits for a pixel', `${result.num}/${result.den}`)
  return result
}

const INT64 = (1n << 63n) - 1n

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw notPrices(errorText(cause))
  }
}

const notPrices = (why: string): MillraceError =>
  new MillraceError('bad_flag', `-pricePerGateway is not JSON of prices: ${why}`)
