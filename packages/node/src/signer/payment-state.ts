import { type Hex, type Rational, rational } from '@millrace/base'
import {
  type Address,
  decodeGoJson,
  encodeGoJson,
  goRational,
  parseAddress,
  type SignatureVerifier,
  type Signer,
} from '@millrace/wire'
import { z } from 'zod'
import { SignerError, type SignerState } from '../links/signer-link.ts'

/** What a signer must know of a session from one payment to the next; it keeps none of it itself. */
export type PaymentState = {
  readonly stateId: string
  /** recipientRandHash of the parameters that the nonces count for. */
  readonly ticketSession: Hex | undefined
  readonly lastUpdateMs: number | undefined
  readonly orchestrator: Address
  readonly app: string
  /** Seconds since 1970 until which the auth webhook is not asked again; 0 for always. */
  readonly authExpiryS: number
  readonly senderNonce: number
  readonly balance: Rational
  /** The price of the first payment, which is the most for all later ones. */
  readonly initialPrice: { readonly pricePerUnit: bigint; readonly pixelsPerUnit: bigint }
  readonly type: string
  readonly sequence: number
  readonly authId: string
}

/** As go-livepeer writes a time that was never set. */
const NEVER = '0001-01-01T00:00:00Z'
const MAX_STATE_BYTES = 8 * 1024

const text = z.string().max(1024)
const count = z.number().int().min(0)
const price = z.union([z.number().int(), z.bigint()]).transform((value) => BigInt(value))
const stateJson = z.object({
  StateID: text,
  PMSessionID: z.union([z.literal(''), z.string().regex(/^0x[0-9a-fA-F]{64}$/)]),
  LastUpdate: text,
  OrchestratorAddress: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  App: text,
  AuthExpiry: z.number().int(),
  SenderNonce: count,
  Balance: z.string().max(402),
  InitialPricePerUnit: price,
  InitialPixelsPerUnit: price,
  Type: text,
  SequenceNumber: count,
  AuthID: text,
})

/** The fields with the names that go-livepeer gives them: its signers and webhooks read the same JSON. */
export const stateToJson = (state: PaymentState) => ({
  StateID: state.stateId,
  PMSessionID: state.ticketSession ?? '',
  LastUpdate: state.lastUpdateMs === undefined ? NEVER : new Date(state.lastUpdateMs).toISOString(),
  OrchestratorAddress: state.orchestrator,
  App: state.app,
  AuthExpiry: state.authExpiryS,
  SenderNonce: state.senderNonce,
  Balance: goRational(state.balance),
  InitialPricePerUnit: state.initialPrice.pricePerUnit,
  InitialPixelsPerUnit: state.initialPrice.pixelsPerUnit,
  Type: state.type,
  SequenceNumber: state.sequence,
  AuthID: state.authId,
})

/** The state as the gateway carries it: JSON with a personal signature of the signer's own account. */
export function sealState(signer: Signer, state: PaymentState): SignerState {
  const bytes = new TextEncoder().encode(encodeGoJson(stateToJson(state)))
  return { state: bytes, signature: signer.signPersonal(bytes) }
}

/** Reads a state that this account made; throws `bad_state` with go-livepeer's texts for any other. */
export function openState(verifier: SignatureVerifier, self: Address, sealed: SignerState): PaymentState {
  if (sealed.state.length > MAX_STATE_BYTES || !verifier.verifyPersonal(self, sealed.state, sealed.signature))
    throw new SignerError('bad_state', 400, 'invalid sig')
  let json: unknown
  try {
    json = decodeGoJson(new TextDecoder('utf-8', { fatal: true }).decode(sealed.state))
  } catch (cause) {
    throw new SignerError('bad_state', 400, 'invalid state', { cause })
  }
  const parsed = stateJson.safeParse(json)
  if (!parsed.success) throw new SignerError('bad_state', 400, 'invalid state', { cause: parsed.error })
  const { data } = parsed
  const balance = readRational(data.Balance)
  if (!balance) throw new SignerError('bad_state', 400, 'invalid state')
  const lastUpdateMs = Date.parse(data.LastUpdate)
  return {
    stateId: data.StateID,
    ticketSession: data.PMSessionID === '' ? undefined : (data.PMSessionID.toLowerCase() as Hex),
    // The year 1 is go-livepeer's word for never.
    lastUpdateMs: Number.isFinite(lastUpdateMs) && lastUpdateMs > 0 ? lastUpdateMs : undefined,
    orchestrator: parseAddress(data.OrchestratorAddress),
    app: data.App,
    authExpiryS: data.AuthExpiry,
    senderNonce: data.SenderNonce,
    balance,
    initialPrice: { pricePerUnit: data.InitialPricePerUnit, pixelsPerUnit: data.InitialPixelsPerUnit },
    type: data.Type,
    sequence: data.SequenceNumber,
    authId: data.AuthID,
  }
}

/** Go's form of a fraction; an empty text is 0, as where nothing was paid yet. */
function readRational(value: string): Rational | undefined {
  if (value === '') return rational(0n)
  const match = /^(-?\d{1,200})(?:\/(\d{1,200}))?$/.exec(value)
  if (!match) return undefined
  const den = BigInt(match[2] ?? '1')
  return den === 0n ? undefined : rational(BigInt(match[1]!), den)
}
