import { checkText, decodeMessage, encodeMessage, numberToInt64 } from '../codec.ts'
import { type RegisterRequest as RegisterRequestProto, RegisterRequestSchema } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'
import { type Capabilities, capabilitiesFromProto, capabilitiesToProto } from './capabilities.ts'

/** A worker offers itself to an orchestrator (RegisterTranscoder). */
export type RegisterRequest = {
  readonly secret: string
  /** Sessions at a time; the orchestrator refuses 0 or less. */
  readonly capacity: number
  readonly capabilities?: Capabilities
  /** Millrace, field 1000: it takes segments that are still arriving. */
  readonly takesLiveSegments?: true
  /** Millrace, field 1001. Not a capability here: upstream's orchestrators end when a worker's numbers reach beyond the words that they have. */
  readonly encodesAv1?: true
}

export const encodeRegisterRequest = (request: RegisterRequest): Uint8Array =>
  encodeMessage(RegisterRequestSchema, registerRequestToProto(request))

export const decodeRegisterRequest = (bytes: Uint8Array): RegisterRequest =>
  registerRequestFromProto(decodeMessage(RegisterRequestSchema, bytes))

export const registerRequestToProto = (request: RegisterRequest) => ({
  secret: checkText(request.secret, 'secret', 4096),
  capacity: numberToInt64(request.capacity, 'capacity'),
  ...(request.capabilities && { capabilities: capabilitiesToProto(request.capabilities) }),
  takesLiveSegments: request.takesLiveSegments ?? false,
  encodesAv1: request.encodesAv1 ?? false,
})

export function registerRequestFromProto(message: RegisterRequestProto): RegisterRequest {
  // Negative capacities are for the orchestrator to refuse with its own words, so they pass here.
  if (message.capacity < BigInt(Number.MIN_SAFE_INTEGER) || message.capacity > BigInt(Number.MAX_SAFE_INTEGER))
    throw new WireError('number_out_of_range', 'capacity must be between -2^53 and 2^53')
  return {
    secret: checkText(message.secret, 'secret', 4096),
    capacity: Number(message.capacity),
    ...(message.capabilities && { capabilities: capabilitiesFromProto(message.capabilities) }),
    ...(message.takesLiveSegments && { takesLiveSegments: true as const }),
    ...(message.encodesAv1 && { encodesAv1: true as const }),
  }
}
