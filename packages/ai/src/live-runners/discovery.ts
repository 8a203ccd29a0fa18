import { decodeGoJson } from '@millrace/wire'
import { z } from 'zod'
import { ComputeError } from '../compute-error.ts'

const MAX_RUNNERS = 1_000
const short = z.string().max(2_000)
const Runner = z.object({
  url: short,
  app: z.string().min(1).max(200),
  version: short.nullish(),
  metadata: short.nullish(),
  mode: z.enum(['persistent', 'single-shot']).nullish(),
  capacity: z.int().nullish(),
  capacity_used: z.int().nullish(),
  capacity_available: z.int().nullish(),
  price_info: z
    .object({
      price: z.union([z.int(), z.bigint(), z.string().regex(/^\d{1,30}$/)]).transform((value) => BigInt(value)),
      currency: z.string().max(10).nullish(),
      unit: z.enum(['seconds', '720p-pixel-seconds', 'fixed']).nullish(),
    })
    .nullish(),
})
const Discovery = z
  .array(z.object({ address: short.nullish(), runners: z.array(z.unknown()).max(MAX_RUNNERS).nullish() }))
  .max(10)

/** An app that an orchestrator offers. */
export type DiscoveredApp = {
  /** Where sessions are opened, or, of a single-shot app, the app itself. */
  readonly url: string
  readonly app: string
  readonly version: string
  readonly metadata: string
  readonly mode: 'persistent' | 'single-shot'
  readonly capacity: number
  readonly available: number
  /** Wei for a unit; undefined where nothing is paid. */
  readonly price: { readonly wei: bigint; readonly unit: 'seconds' | '720p-pixel-seconds' | 'fixed' } | undefined
}

/** Reads the answer to `GET /discovery`; entries that cannot be read are left out. Throws `compute_bad_request`. */
export function decodeDiscovery(text: string): readonly DiscoveredApp[] {
  let json: unknown
  try {
    json = decodeGoJson(text)
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'the discovery of an orchestrator is not JSON', { cause })
  }
  const { data, error } = Discovery.safeParse(json)
  if (error) throw new ComputeError('compute_bad_request', 'the discovery of an orchestrator cannot be read')
  return data
    .flatMap(({ runners }) => runners ?? [])
    .flatMap((entry): DiscoveredApp[] => {
      const { data: runner } = Runner.safeParse(entry)
      if (!runner || !URL.canParse(runner.url)) return []
      const { price_info: price } = runner
      if (price && (price.currency ?? 'wei').toLowerCase() !== 'wei') return []
      return [
        {
          url: runner.url,
          app: runner.app,
          version: runner.version ?? '',
          metadata: runner.metadata ?? '',
          mode: runner.mode ?? 'persistent',
          capacity: runner.capacity ?? 0,
          available: runner.capacity_available ?? 0,
          price: price ? { wei: price.price, unit: price.unit ?? 'seconds' } : undefined,
        },
      ]
    })
}
