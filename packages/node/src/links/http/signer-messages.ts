import { fromHex, type Hex, MillraceError, toHex } from '@millrace/base'
import {
  decodeBase64,
  decodeCapabilities,
  decodeOrchestratorInfo,
  decodeSegData,
  encodeBase64,
  encodeCapabilities,
  encodeOrchestratorInfo,
  encodeSegData,
  parseAddress,
  type SegData,
  WireError,
} from '@millrace/wire'
import { z } from 'zod'
import { readDecimal } from '../decimal.ts'
import {
  type BillingType,
  type PaymentOrder,
  type SignedPayment,
  SignerError,
  type SignerIdentity,
  type SignerState,
} from '../signer-link.ts'

/** The paths of a signer; the last one is of Millrace. */
export const SIGNER_PATH = {
  identity: '/sign-orchestrator-info',
  payment: '/generate-live-payment',
  discover: '/discover-orchestrators',
  segment: '/sign-segment',
} as const

const MAX_TEXT = 1024
const nullable = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined)
const base64 = z.string().transform((text) => decodeBase64(text))
/** Go writes bytes that are not there as null, or as an empty text. */
const maybeBytes = nullable(base64).transform((bytes) => (bytes && bytes.length > 0 ? bytes : undefined))
const text = nullable(z.string().max(MAX_TEXT))
const stateJson = nullable(z.object({ state: maybeBytes, sig: maybeBytes })).transform(stateOf)

// Names are in lower case here: Go reads them in any case, and so do we.
const paymentJson = z.object({
  state: stateJson,
  orchestrator: maybeBytes,
  manifestid: text,
  app: text,
  inpixels: nullable(z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)),
  type: nullable(z.string().max(20)),
  maxprice: nullable(z.object({ price: z.union([z.number(), z.string().max(100)]), currency: text, unit: text })),
  capabilities: maybeBytes,
})
const segmentJson = z.object({ state: stateJson, segment: base64 })

/** Reads the body of /generate-live-payment; throws `bad_order`. */
export const decodePaymentOrder = (body: unknown): PaymentOrder =>
  reading(() => {
    const { orchestrator, capabilities, maxprice, ...json } = paymentJson.parse(foldNames(body))
    if (!orchestrator) throw new SignerError('bad_order', 400, 'missing orchestrator')
    const price = maxprice && readDecimal(String(maxprice.price))
    if (maxprice && !price) throw new SignerError('bad_order', 400, 'maxPrice.price must be a positive decimal')
    return {
      state: json.state,
      orchestrator: decodeOrchestratorInfo(orchestrator),
      manifestId: json.manifestid || undefined,
      app: json.app || undefined,
      type: billingType(json.type ?? ''),
      inPixels: BigInt(json.inpixels ?? 0),
      maxPrice: price && { price, currency: maxprice?.currency ?? '', unit: maxprice?.unit ?? '' },
      capabilities: capabilities && decodeCapabilities(capabilities),
    }
  })

export const encodePaymentOrder = (order: PaymentOrder) => ({
  ...(order.state && { state: encodeState(order.state) }),
  orchestrator: encodeBase64(encodeOrchestratorInfo(order.orchestrator)),
  ManifestID: order.manifestId ?? '',
  ...(order.app && { app: order.app }),
  inPixels: order.inPixels,
  type: order.type,
  ...(order.maxPrice && {
    maxPrice: {
      // Go reads the price as a number of JSON; what has no end there is cut off.
      price: Number(order.maxPrice.price.num) / Number(order.maxPrice.price.den),
      currency: order.maxPrice.currency,
      unit: order.maxPrice.unit,
    },
  }),
  ...(order.capabilities && { capabilities: encodeBase64(encodeCapabilities(order.capabilities)) }),
})

export const encodeSignedPayment = ({ payment, segCreds, state }: SignedPayment) => ({
  payment,
  segCreds,
  state: encodeState(state),
})

const signedPaymentJson = z.object({ payment: z.string(), segcreds: text.or(z.string()), state: stateJson })

/** Reads what a signer answers; throws `signer_refused` for anything else than a payment. */
export const decodeSignedPayment = (body: unknown): SignedPayment =>
  answered(() => {
    const { payment, segcreds, state } = signedPaymentJson.parse(foldNames(body))
    if (!state) throw new SignerError('signer_refused', 502, 'the signer answered a payment without a state')
    return { payment, segCreds: segcreds ?? '', state }
  })

/** Reads the body of /sign-segment; throws `bad_order`. */
export const decodeSegmentOrder = (
  body: unknown,
): { readonly segment: Omit<SegData, 'signature'>; readonly state?: SignerState | undefined } =>
  reading(() => {
    const { segment, state } = segmentJson.parse(foldNames(body))
    const { signature: _, ...unsigned } = decodeSegData(segment)
    return { segment: unsigned, state }
  })

export const encodeSegmentOrder = (order: {
  readonly segment: Omit<SegData, 'signature'>
  readonly state?: SignerState | undefined
}) => ({
  segment: encodeBase64(encodeSegData({ ...order.segment, signature: new Uint8Array(0) })),
  ...(order.state && { state: encodeState(order.state) }),
})

export const decodeSegmentAnswer = (body: unknown): string =>
  answered(() => z.object({ segcreds: z.string().min(1) }).parse(foldNames(body)).segcreds)

/** `chainId` and `ticketBroker` are of Millrace; gateways of go-livepeer leave them unread. */
export const encodeIdentity = ({ address, signature, domain }: SignerIdentity) => ({
  address,
  signature: toHex(signature),
  ...(domain && { chainId: domain.chainId.toString(), ticketBroker: domain.ticketBroker }),
})

const identityJson = z.object({
  address: z.string(),
  signature: z.string().regex(/^(0x)?[0-9a-fA-F]{130}$/),
  chainid: nullable(z.string().regex(/^\d{1,20}$/)),
  ticketbroker: nullable(z.string()),
})

export const decodeIdentity = (body: unknown): SignerIdentity =>
  answered(() => {
    const { address, signature, chainid, ticketbroker } = identityJson.parse(foldNames(body))
    const known = chainid !== undefined && ticketbroker !== undefined
    return {
      address: parseAddress(/^0x/i.test(address) ? address : `0x${address}`),
      signature: fromHex((signature.startsWith('0x') ? signature : `0x${signature}`) as Hex),
      ...(known && { domain: { chainId: BigInt(chainid), ticketBroker: parseAddress(ticketbroker) } }),
    }
  })

const discoveredJson = z
  .array(
    z.object({ address: z.string().max(2048), capabilities: nullable(z.array(z.string().max(MAX_TEXT)).max(1024)) }),
  )
  .max(10_000)

export const decodeDiscovered = (body: unknown) =>
  answered(() =>
    discoveredJson.parse(foldNames(body)).map(({ address, capabilities }) => ({
      address,
      capabilities: capabilities ?? [],
    })),
  )

const errorJson = z.object({
  error: z.object({ message: z.string(), code: nullable(z.string()), reason: nullable(z.string()) }),
})

/** What a signer says of a refusal; undefined where it says nothing that can be read. */
export function decodeSignerError(
  body: unknown,
): { readonly message: string; readonly code?: string | undefined; readonly reason?: string | undefined } | undefined {
  const parsed = errorJson.safeParse(body)
  return parsed.success ? { ...parsed.data.error, message: parsed.data.error.message.slice(0, 500) } : undefined
}

const encodeState = ({ state, signature }: SignerState) => ({
  State: encodeBase64(state),
  Sig: encodeBase64(signature),
})

function stateOf(
  json: { state: Uint8Array | undefined; sig: Uint8Array | undefined } | undefined,
): SignerState | undefined {
  if (!json?.state && !json?.sig) return undefined
  return { state: json.state ?? new Uint8Array(0), signature: json.sig ?? new Uint8Array(0) }
}

function billingType(type: string): BillingType {
  if (type === '' || type === 'live' || type === 'lv2v' || type === 'fixed') return type
  throw new SignerError('bad_order', 400, 'invalid job type')
}

/** The names of an object, and of the objects in it, in lower case; three levels are all that these messages have. */
function foldNames(value: unknown, depth = 3): unknown {
  if (Array.isArray(value)) return depth > 0 ? value.map((item) => foldNames(item, depth - 1)) : value
  if (typeof value !== 'object' || value === null || depth === 0) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.toLowerCase(), foldNames(item, depth - 1)]),
  )
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof SignerError) throw cause
    throw new SignerError('bad_order', 400, whatIsWrong(cause), { cause })
  }
}

function answered<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof SignerError) throw cause
    throw new SignerError('signer_refused', 502, `the signer answered what cannot be read: ${whatIsWrong(cause)}`, {
      cause,
    })
  }
}

function whatIsWrong(cause: unknown): string {
  if (cause instanceof z.ZodError) {
    const issue = cause.issues[0]
    return `${issue?.path.join('.') || 'the body'}: ${issue?.message}`
  }
  return cause instanceof WireError || cause instanceof MillraceError ? cause.message : 'it is not what was expected'
}
