import { compareRational, MillraceError, type Rational, type Wei } from '@millrace/base'
import { type ChainClient, connectChain, poolSize } from '@millrace/chain'
import { openKeyAt } from '@millrace/chain/node'
import { type NetworkConfig, paymentParametersOf } from '@millrace/node'
import { planGateway } from '@millrace/payments'
import { formatWei, type VideoProfile } from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import type { Flags } from '../flags/flags.ts'
import { type Environment, missing, readFlags } from '../flags/read-flags.ts'
import { serviceUrl } from '../roles/addresses.ts'
import { ladderOf } from '../roles/ladder.ts'
import { keystoreConfig, networkConfig } from '../roles/network-config.ts'
import { dataFolderOf } from '../roles/node-config.ts'
import { pricePerPixel } from '../roles/prices.ts'
import { askTerms, someOrchestrators } from './doctor/ask-terms.ts'
import { gasPriceOf } from './doctor/read-chain.ts'
import { weiPerPixel } from './doctor/read-price.ts'
import { takeOwnFlags } from './own-flags.ts'
import { planText } from './plan-text.ts'

const OWN = {
  streams: 'text',
  'hours-per-day': 'text',
  days: 'text',
  ladder: 'text',
  fps: 'text',
  'segment-seconds': 'text',
  json: 'switch',
} as const

type Own = Readonly<Partial<Record<keyof typeof OWN, string>>>

const ASKED = 8
const ASK_MS = 10_000
/** The pool of Arbitrum One has so many places (protocol spec, numActiveTranscoders). */
const ASSUMED_ORCHESTRATORS = 100n
const ASSUMED_GAS_PRICE_WEI = 100_000_000n
const ASSUMED_PRICE: Rational = { num: 1_200n, den: 1n }
const ASSUMED = `
ASSUMED, because no -network was named: Arbitrum One with ${ASSUMED_ORCHESTRATORS} orchestrators and gas at ${formatWei(ASSUMED_GAS_PRICE_WEI)}.
For what the network has now: -network arbitrum-one-mainnet -ethUrl ADDRESS-OF-YOUR-RPC
`

const HELP = `millrace gateway plan --streams NUMBER [flags of the gateway]

Reckons the deposit and the reserve that a gateway needs, and what it spends in a day.

  --streams          live streams at once
  --hours-per-day    how long they run a day (default 24)
  --days             for how many days the deposit shall last (default 7)
  --ladder           the renditions, as -transcodingOptions has them (default: that flag)
  --fps              frames per second of the source, for renditions that keep them (default 30)
  --segment-seconds  length of a segment (default 2)
  --json             print the numbers as JSON; amounts are wei

Gas price and number of orchestrators are read from -ethUrl; without -network they are assumed. The price is that of -maxPricePerUnit;
without it, the highest that some orchestrators of the network ask, for which the gateway's key is needed.
`

/** Where a price comes from. */
export type PriceSource = { readonly price: Rational; readonly from: string }

/** `millrace gateway plan`: what a gateway must deposit, and what it will spend. */
export async function runGatewayPlan(
  args: readonly string[],
  io: { readonly environment: Environment; write(text: string): unknown },
): Promise<void> {
  const { own, rest } = takeOwnFlags(args, OWN)
  const flags = readFlags(
    own.ladder === undefined ? rest : [...rest, `-transcodingOptions=${own.ladder}`],
    io.environment,
  )
  if (flags.switch('help')) return void io.write(HELP)
  // Before anybody is asked anything.
  const numbers = numbersOf(own)
  const network = await networkConfig(flags)
  const { from, assumed, ...facts } = network.kind === 'chain' ? await readFacts(flags, network) : assumeFacts(flags)
  const ladder = ladderOf(flags) as readonly VideoProfile[]
  const input = { ...numbers, ...facts, ladder, parameters: paymentParametersOf(network) }
  const plan = planGateway(input)
  io.write(
    own.json !== 'true'
      ? `${planText(input, plan, from)}${assumed ? ASSUMED : ''}`
      : `${JSON.stringify({ ...input, priceFrom: from, assumed, ...plan }, jsonValue)}\n`,
  )
}

function numbersOf(own: Own) {
  if (own.streams === undefined)
    throw new MillraceError('flag_missing', '--streams is missing: say how many streams are live at once')
  const streams = number('streams', own.streams, 1_000_000)
  if (!Number.isInteger(streams)) throw badNumber('streams', own.streams, 'a whole number from 1')
  return {
    streams,
    hoursPerDay: number('hours-per-day', own['hours-per-day'] ?? '24', 24),
    days: number('days', own.days ?? '7', 3_650),
    sourceFps: number('fps', own.fps ?? '30', 240),
    segmentMs: Math.round(number('segment-seconds', own['segment-seconds'] ?? '2', 60) * 1000),
  }
}

function number(name: keyof typeof OWN, text: string, most: number): number {
  const value = /^\d{1,9}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  if (!(value > 0 && value <= most)) throw badNumber(name, text, `a number above 0, at most ${most}`)
  return value
}

const badNumber = (name: string, text: string, wanted: string): MillraceError =>
  new MillraceError('bad_flag', `--${name} must be ${wanted}, not ${JSON.stringify(text.slice(0, 40))}`)

/** What a plan needs to know of a network. */
type NetworkFacts = PriceSource & {
  readonly gasPriceWei: Wei
  readonly activeOrchestrators: bigint
  readonly assumed: boolean
}

async function readFacts(flags: Flags, network: Extract<NetworkConfig, { kind: 'chain' }>): Promise<NetworkFacts> {
  const { ethUrl: url, controller, chainId } = network
  const client = await connectChain({ url, controller, ...(chainId === undefined ? {} : { chainId }) })
  const [gasPriceWei, activeOrchestrators] = await Promise.all([gasPriceOf(client, network), poolSize(client)])
  if (activeOrchestrators === 0n)
    throw new MillraceError('no_orchestrators', 'the network has no orchestrators: there is nobody to pay')
  return { gasPriceWei, activeOrchestrators, assumed: false, ...(await priceOf(flags, network, client)) }
}

/** For a first look, before there is an RPC address; throws `flag_missing` where it was said that nothing is paid. */
function assumeFacts(flags: Flags): NetworkFacts {
  if (flags.isSet('network'))
    throw missing('network', 'without a chain nothing is paid: name the network whose gateway is planned')
  const { pricePerPixel: most, currency } = pricePerPixel(flags, 'maxPricePerUnit', true)
  if (currency !== undefined)
    throw missing('network', `a price in ${currency} is reckoned by the price feed of a network: name it, and -ethUrl`)
  const price = most.num > 0n ? { price: most, from: '-maxPricePerUnit' } : { price: ASSUMED_PRICE, from: 'assumed' }
  return { ...price, gasPriceWei: ASSUMED_GAS_PRICE_WEI, activeOrchestrators: ASSUMED_ORCHESTRATORS, assumed: true }
}

/** The maximum price of the gateway, else the highest that orchestrators ask: whoever pays that can use all of them. */
async function priceOf(
  flags: Flags,
  network: Extract<NetworkConfig, { kind: 'chain' }>,
  client: ChainClient,
): Promise<PriceSource> {
  const most = pricePerPixel(flags, 'maxPricePerUnit', true)
  if (most.pricePerPixel.num > 0n) return { price: await weiPerPixel(client, network, most), from: '-maxPricePerUnit' }
  const { keystore, keystorePassword } = keystoreConfig(flags, dataFolderOf(flags))
  if (keystorePassword === undefined)
    throw missing(
      'maxPricePerUnit',
      "give the most you pay, or the gateway's key with -ethPassword, to ask orchestrators for their price",
    )
  const { privateKey } = await openKeyAt(keystore!.path, keystorePassword, { ...keystore!, create: false })
  const named = flags.list('orchAddr').map((text) => ({ serviceUri: serviceUrl('orchAddr', text) }))
  const terms = await askTerms(named.length > 0 ? named : await someOrchestrators(client, { limit: ASKED }), {
    signer: createKeySigner(privateKey),
    allowPrivate: named.length > 0 || network.payments === 'devnet',
    signal: AbortSignal.timeout(ASK_MS),
  })
  const prices = terms.flatMap(({ price }) => price ?? []).sort(compareRational)
  const price = prices.at(-1)
  if (!price)
    throw missing(
      'maxPricePerUnit',
      `none of ${terms.length} orchestrators told its price${terms[0]?.error === undefined ? '' : ` (${terms[0].error.slice(0, 200)})`}`,
    )
  return { price, from: `the highest of ${prices.length} orchestrators that were asked` }
}

/** Amounts are decimal strings in JSON, fractions are "num/den". */
function jsonValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  const fraction = value as Rational | null
  return typeof fraction === 'object' && typeof fraction?.num === 'bigint' ? `${fraction.num}/${fraction.den}` : value
}
