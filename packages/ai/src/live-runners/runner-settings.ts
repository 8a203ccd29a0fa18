import { multiplyRational, type Rational, rational } from '@millrace/base'
import { decodeGoJson } from '@millrace/wire'
import { z } from 'zod'
import { isWebAddress } from '../byoc/capability-settings.ts'
import { ComputeError } from '../compute-error.ts'

export type RunnerMode = 'persistent' | 'single-shot'

export type RunnerGpu = {
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly vram_mb?: number | undefined
}

/** What an app asks, as its operator wrote it. */
export type RunnerPrice = {
  readonly price: Rational
  /** USD, which a price feed converts, or undefined for wei, which go-livepeer does not know. */
  readonly currency: string | undefined
  readonly unit: 'hour' | '720p' | 'fixed'
}

/** An app behind an orchestrator, as a file or a heartbeat describes it (ai spec, section 11). */
export type RunnerSettings = {
  readonly label: string
  /** Where the app is; nobody outside learns it. */
  readonly runnerUrl: string
  /** Conventionally `pipeline/model`. */
  readonly app: string
  readonly version: string
  readonly metadata: string
  readonly mode: RunnerMode
  /** Sessions at once. */
  readonly capacity: number
  /** Sessions get an address of -liveRunnerProxyUrl. */
  readonly proxy: boolean
  readonly gpu: RunnerGpu | undefined
  readonly price: RunnerPrice | undefined
}

export type StaticRunner = RunnerSettings & {
  readonly routing: 'runner-id' | 'label'
  readonly healthUrl: string
  readonly healthyStatusCode: number
}

export type RunnerHeartbeat = RunnerSettings & { readonly runnerId: string; readonly isReady: boolean }

const MAX_METADATA_BYTES = 1_024
const MAX_STATIC = 1_000
/** Pixels of 720p at 30 frames in an hour, by which the unit `720p` is reckoned. */
const PIXELS_PER_SECOND = 1280n * 720n * 30n

const trimmed = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => text === text.trim(), 'it must have no spaces around it')
const address = z.string().max(2_000).refine(isWebAddress, 'an address with http:// or https:// is expected')
const Settings = z.object({
  label: trimmed(200).nullish(),
  proxy: z.boolean().nullish(),
  runner_url: address,
  version: z.string().max(200).nullish(),
  metadata: z
    .string()
    .refine((text) => Buffer.byteLength(text) <= MAX_METADATA_BYTES, `at most ${MAX_METADATA_BYTES} bytes`)
    .refine((text) => !text.includes('\ufffd'), 'UTF-8 is expected')
    .nullish(),
  mode: z.enum(['', 'persistent', 'single-shot', 'single_shot']).nullish(),
  gpu: z
    .union([
      z.int().transform((index) => ({ id: String(index) })),
      z.object({
        id: z.string().max(200).optional(),
        name: z.string().max(200).optional(),
        vram_mb: z.int().min(0).optional(),
      }),
    ])
    .nullish(),
  app: trimmed(200).min(1),
  capacity: z.int().min(0).max(1_000_000).nullish(),
  price_info: z
    .object({
      price: z.union([z.number(), z.bigint(), z.string()]).nullish(),
      currency: z.string().max(10).nullish(),
      unit: z.string().max(20).nullish(),
    })
    .nullish(),
})
const Static = Settings.extend({
  label: trimmed(200).min(1, 'it is required'),
  routing: z.enum(['', 'runner-id', 'label']).nullish(),
  health_url: z.string().min(1, 'it is required').max(2_000),
  healthy_status_code: z
    .int()
    .refine((code) => code === 0 || (code >= 100 && code <= 599), 'a status of HTTP is expected')
    .nullish(),
})
const Config = z.object({ runners: z.array(Static).max(MAX_STATIC) })
const Heartbeat = Settings.extend({
  runner_id: z
    .string()
    .max(200)
    .regex(/^[\w.~-]*$/, 'letters, digits and _ . ~ - are expected')
    .nullish(),
  status: z
    .string()
    .max(50)
    .regex(/^[a-z_-]*$/, 'it must be lower case')
    .nullish(),
})

/** Reads the document of -liveRunnerConfig and /registerLiveRunners; throws `compute_bad_request` that names the entry. */
export function readStaticRunners(text: string, rules: { readonly needsPrice: boolean }): readonly StaticRunner[] {
  const labels = new Set<string>()
  return parse(Config, text).runners.map((entry, i): StaticRunner => {
    try {
      const settings = settingsOf(entry, rules)
      const routing = entry.routing || 'runner-id'
      if (labels.has(settings.label)) throw bad(`duplicate label ${JSON.stringify(settings.label)}`)
      labels.add(settings.label)
      if (routing === 'label' && settings.label.includes('/'))
        throw bad('label cannot contain / when routing is "label"')
      const healthUrl = entry.health_url.startsWith('/')
        ? `${settings.runnerUrl.replace(/\/+$/, '')}${entry.health_url}`
        : entry.health_url
      if (!URL.canParse(healthUrl) || !/^https?:$/.test(new URL(healthUrl).protocol)) throw bad('invalid health_url')
      return { ...settings, routing, healthUrl, healthyStatusCode: entry.healthy_status_code || 200 }
    } catch (error) {
      throw error instanceof ComputeError ? bad(`runners[${i}]: ${error.message}`) : error
    }
  })
}

/** Reads the body of a heartbeat; throws `compute_bad_request`. */
export function readHeartbeat(text: string, rules: { readonly needsPrice: boolean }): RunnerHeartbeat {
  const beat = parse(Heartbeat, text)
  const isReady = beat.status === undefined || beat.status === null || beat.status === '' || beat.status === 'ready'
  return { ...settingsOf(beat, rules), runnerId: beat.runner_id ?? '', isReady }
}

/** What a unit that is counted costs, in the price's own currency: a second, a pixel, or a session. */
export function pricePerCountedUnit({ price, unit }: RunnerPrice): Rational {
  if (unit === 'fixed') return price
  const perSecond = multiplyRational(price, rational(1n, 3_600n))
  return unit === 'hour' ? perSecond : multiplyRational(perSecond, rational(1n, PIXELS_PER_SECOND))
}

/** How many units a second of a session counts; none where a session costs the same however long it is. */
export const unitsPerSecond = (unit: DiscoveredUnit): bigint =>
  unit === 'fixed' ? 0n : unit === 'seconds' ? 1n : PIXELS_PER_SECOND

/** Units as discovery names them. */
export type DiscoveredUnit = 'seconds' | '720p-pixel-seconds' | 'fixed'

export const discoveredUnit = (unit: RunnerPrice['unit']): DiscoveredUnit =>
  unit === 'fixed' ? 'fixed' : unit === 'hour' ? 'seconds' : '720p-pixel-seconds'

function settingsOf(entry: z.output<typeof Settings>, rules: { readonly needsPrice: boolean }): RunnerSettings {
  return {
    label: entry.label ?? '',
    runnerUrl: entry.runner_url,
    app: entry.app,
    version: entry.version ?? '',
    metadata: entry.metadata ?? '',
    mode: entry.mode === 'single-shot' || entry.mode === 'single_shot' ? 'single-shot' : 'persistent',
    capacity: entry.capacity || 1,
    proxy: entry.proxy ?? false,
    gpu: entry.gpu ?? undefined,
    price: rules.needsPrice ? priceOf(entry.price_info) : undefined,
  }
}

function priceOf(info: z.output<typeof Settings>['price_info']): RunnerPrice {
  const price = decimal(info?.price)
  const currency = (info?.currency ?? '').trim().toUpperCase() || 'USD'
  if (currency !== 'USD' && currency !== 'WEI') throw bad('price_info.currency must be usd, or wei')
  const unit = (info?.unit ?? '').trim().toLowerCase() || 'hour'
  if (unit !== 'hour' && unit !== '720p' && unit !== 'fixed') throw bad('price_info.unit must be hour, 720p, or fixed')
  return { price, currency: currency === 'WEI' ? undefined : currency, unit }
}

/** A positive decimal, exactly. */
function decimal(value: number | bigint | string | null | undefined): Rational {
  const text = String(value ?? '').trim()
  const [, whole, digits = '', exponent = '0'] = /^(\d{1,60})(?:\.(\d{1,60}))?(?:e([+-]?\d{1,2}))?$/i.exec(text) ?? []
  if (whole === undefined) throw bad('price_info.price must be a positive decimal')
  const power = Number(exponent) - digits.length
  const all = BigInt(whole + digits)
  if (all === 0n) throw bad('price_info.price must be a positive decimal')
  return power >= 0 ? rational(all * 10n ** BigInt(power)) : rational(all, 10n ** BigInt(-power))
}

function parse<Shape extends z.ZodType>(shape: Shape, text: string): z.output<Shape> {
  let json: unknown
  try {
    json = decodeGoJson(text)
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'the body is not JSON', { cause })
  }
  const { data, error } = shape.safeParse(json)
  if (error) {
    const [issue] = error.issues
    const where = (issue?.path ?? []).map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    throw bad(`${where.join('').replace(/^\./, '') || 'the body'}: ${issue?.message}`)
  }
  return data
}

const bad = (message: string): ComputeError => new ComputeError('compute_bad_request', message)
