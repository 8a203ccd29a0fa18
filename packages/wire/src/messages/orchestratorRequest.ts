import { addressFromBytes, addressToBytes } from '../address.ts'
import { checkSignature, decodeMessage, encodeMessage } from '../codec.ts'
import type { Address } from '../identifiers.ts'
import {
  type OrchestratorRequest as OrchestratorRequestProto,
  OrchestratorRequestSchema,
} from '../proto/generated/lp_rpc_pb.ts'
import {
  orchestratorRequestMessage,
  type SignatureVerifier,
  type Signer,
  signNodeMessage,
  verifyNodeMessage,
} from '../signing.ts'
import { type Capabilities, capabilitiesFromProto, capabilitiesToProto } from './capabilities.ts'

/** A gateway asks an orchestrator for its terms (GetOrchestrator). */
export type OrchestratorRequest = {
  readonly address: Address
  /** Of the address's own EIP-55 text; empty from a gateway without a chain. */
  readonly signature: Uint8Array
  readonly capabilities?: Capabilities
  readonly ignoreCapacityCheck: boolean
}

/** A request signed by its sender. */
export const signOrchestratorRequest = (
  signer: Signer,
  more: { readonly capabilities?: Capabilities; readonly ignoreCapacityCheck?: boolean } = {},
): OrchestratorRequest => ({
  address: signer.address,
  signature: signNodeMessage(signer, orchestratorRequestMessage(signer.address)),
  ...(more.capabilities && { capabilities: more.capabilities }),
  ignoreCapacityCheck: more.ignoreCapacityCheck ?? false,
})

/** True when the request's address signed it. */
export const verifyOrchestratorRequest = (verifier: SignatureVerifier, request: OrchestratorRequest): boolean =>
  verifyNodeMessage(verifier, request.address, orchestratorRequestMessage(request.address), request.signature)

export const encodeOrchestratorRequest = (request: OrchestratorRequest): Uint8Array =>
  encodeMessage(OrchestratorRequestSchema, orchestratorRequestToProto(request))

export const decodeOrchestratorRequest = (bytes: Uint8Array): OrchestratorRequest =>
  orchestratorRequestFromProto(decodeMessage(OrchestratorRequestSchema, bytes))

export const orchestratorRequestToProto = (request: OrchestratorRequest) => ({
  address: addressToBytes(request.address),
  sig: checkSignature(request.signature, 'sig'),
  ...(request.capabilities && { capabilities: capabilitiesToProto(request.capabilities) }),
  ignoreCapacityCheck: request.ignoreCapacityCheck,
})

export const orchestratorRequestFromProto = (message: OrchestratorRequestProto): OrchestratorRequest => ({
  address: addressFromBytes(message.address),
  signature: checkSignature(message.sig, 'sig'),
  ...(message.capabilities && { capabilities: capabilitiesFromProto(message.capabilities) }),
  ignoreCapacityCheck: message.ignoreCapacityCheck,
})
