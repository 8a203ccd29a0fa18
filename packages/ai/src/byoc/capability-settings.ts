import { type Rational, rational } from '@millrace/base'
import { decodeGoJson } from '@millrace/wire'
import { z } from 'zod'
import { ComputeError } from '../compute-error.ts'

/** What a worker registers of itself (ai spec, section 10). */
export type CapabilitySettings = {
  readonly name: string
  readonly description: string
  /** Where the worker is, without a slash at the end. */
  readonly url: string
  /** Jobs that it takes at once. */
  readonly capacity: number
  /** For a second of its work, in the currency. */
  readonly price: Rational
  /** A currency such as USD that a price feed converts; wei when undefined. */
  readonly currency: string | undefined
  /** Sent to the worker as a bearer token. */
  readonly token: string | undefined
}

const MAX_INT64 = (1n << 63n) - 1n
const amount = z
  .union([z.int(), z.bigint()])
  .nullish()
  .transform((value) => BigInt(value ?? 0))
  .refine((value) => value >= 0n && value <= MAX_INT64, 'a whole number of 0 or more is expected')
const Settings = z.object({
  name: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\s\p{C}]+$/u, 'a name without spaces is expected'),
  description: z.string().max(2_000).nullish(),
  url: z.string().max(2_000).refine(isWebAddress, 'an address with http:// or https:// is expected'),
  capacity: z.int().min(0).max(1_000_000).nullish(),
  price_per_unit: amount,
  price_scaling: amount,
  currency: z
    .string()
    .regex(/^[A-Za-z]{0,5}$/, 'wei, or a currency such as USD, is expected')
    .nullish(),
  token: z
    .string()
    .max(4_000)
    .regex(/^[\x20-\x7e]*$/, 'printable characters are expected')
    .nullish(),
})

/** Reads the body of `POST /capability/register`; throws `compute_bad_request`. */
export function readCapabilitySettings(text: string): CapabilitySettings {
  let json: unknown
  try {
    json = decodeGoJson(text)
  } catch (cause) {
    throw new ComputeError('compute_bad_request', 'the body is not JSON', { cause })
  }
  const { data, error } = Settings.safeParse(json)
  if (error) {
    const [issue] = error.issues
    throw new ComputeError('compute_bad_request', `${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
  }
  const currency = data.currency?.toUpperCase() ?? ''
  return {
    name: data.name,
    description: data.description ?? '',
    url: data.url.replace(/\/+$/, ''),
    capacity: data.capacity ?? 0,
    price: rational(data.price_per_unit, data.price_scaling || 1n),
    currency: currency === '' || currency === 'WEI' ? undefined : currency,
    token: data.token || undefined,
  }
}

/** True for an address of the web, without a name and a password in it. */
export function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hash, search } = new URL(text)
  return (protocol === 'http:' || protocol === 'https:') && `${username}${password}${hash}${search}` === ''
}
