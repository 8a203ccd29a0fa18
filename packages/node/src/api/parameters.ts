import type { IncomingMessage } from 'node:http'
import { type Rational, rational } from '@millrace/base'
import { type Address, parseAddress } from '@millrace/wire'
import { readBody } from '../links/http/read-body.ts'
import { ApiError } from './route.ts'

/** Typed data to sign is the largest thing that is sent here. */
const MAX_BODY_BYTES = 256 * 1024
const BODY_TIMEOUT_MS = 10_000

/** The parameters of a request, of the form in its body first, then of its query, as Go's FormValue reads them. */
export class Parameters {
  readonly #form: URLSearchParams
  readonly #query: URLSearchParams
  readonly #headers: IncomingMessage['headers']
  /** A body of JSON, as it came; empty where there is none. */
  readonly body: string

  constructor(form: URLSearchParams, query: URLSearchParams, headers: IncomingMessage['headers'] = {}, body = '') {
    this.body = body
    this.#form = form
    this.#query = query
    this.#headers = headers
  }

  /** Undefined where it is missing or empty. */
  find(name: string): string | undefined {
    return this.#form.get(name) || this.#query.get(name) || undefined
  }

  need(name: string): string {
    const value = this.find(name)
    if (value === undefined) throw new ApiError(400, `missing form param: ${name}`)
    return value
  }

  header(name: string): string | undefined {
    const value = this.#headers[name.toLowerCase()]
    return Array.isArray(value) ? value[0] : value
  }

  /** A whole number that is not negative, in the smallest unit where it is an amount. */
  integer(name: string): bigint {
    return readInteger(name, this.need(name))
  }

  findInteger(name: string): bigint | undefined {
    const value = this.find(name)
    return value === undefined ? undefined : readInteger(name, value)
  }

  address(name: string): Address {
    return readAddress(name, this.need(name))
  }

  findAddress(name: string): Address | undefined {
    const value = this.find(name)
    return value === undefined ? undefined : readAddress(name, value)
  }

  /** A fraction, written as a decimal number or as n/d. */
  rational(name: string): Rational {
    return readRational(name, this.need(name))
  }

  /** A part of a parameter as a fraction; the name is for what is said of one that is none. */
  asRational(name: string, value: string): Rational {
    return readRational(name, value)
  }

  /** A percentage with up to four decimals, in parts per million. */
  percent(name: string): bigint {
    const { num, den } = multiply(readRational(name, this.need(name)), 10_000n)
    if (den !== 1n) throw new ApiError(400, `${name} must be a percentage with at most four decimals`)
    if (num > 1_000_000n) throw new ApiError(400, `${name} must be a percentage from 0 to 100`)
    return num
  }
}

/** Reads the parameters of a request with its body. */
export async function readParameters(
  request: IncomingMessage,
  query: URLSearchParams,
  options: { readonly signal: AbortSignal },
): Promise<Parameters> {
  const type = request.headers['content-type'] ?? ''
  const isForm = type.startsWith('application/x-www-form-urlencoded')
  if (!isForm && !type.startsWith('application/json')) {
    request.resume()
    return new Parameters(new URLSearchParams(), query, request.headers)
  }
  const body = await readBody(request, { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS, signal: options.signal })
  const text = Buffer.from(body).toString('utf8')
  return isForm
    ? new Parameters(new URLSearchParams(text), query, request.headers)
    : new Parameters(new URLSearchParams(), query, request.headers, text)
}

function readInteger(name: string, value: string): bigint {
  if (!/^\d{1,78}$/.test(value)) throw new ApiError(400, `${name} must be a whole number that is not negative`)
  return BigInt(value)
}

function readAddress(name: string, value: string): Address {
  try {
    return parseAddress(value)
  } catch (cause) {
    throw new ApiError(400, `${name} must be an address: 0x and 40 hexadecimal digits`, { cause })
  }
}

function readRational(name: string, value: string): Rational {
  const fraction = /^(\d{1,78})\/(\d{1,78})$/.exec(value)
  if (fraction && BigInt(fraction[2]!) > 0n) return rational(BigInt(fraction[1]!), BigInt(fraction[2]!))
  const decimal = /^(\d{1,78})(?:\.(\d{1,30}))?$/.exec(value)
  if (!decimal) throw new ApiError(400, `${name} must be a number that is not negative, such as 1200, 0.5 or 1/3`)
  const digits = decimal[2] ?? ''
  return rational(BigInt(decimal[1]! + digits), 10n ** BigInt(digits.length))
}

const multiply = (value: Rational, by: bigint): Rational => rational(value.num * by, value.den)
