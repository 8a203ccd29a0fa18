import { decodeMessage, encodeMessage } from '../codec.ts'
import { PaymentResultSchema } from '../proto/generated/lp_rpc_pb.ts'
import { type OrchestratorInfo, orchestratorInfoFromProto, orchestratorInfoToProto } from './orchestratorInfo.ts'

/** The body of the answer to /payment: fresh terms. */
export type PaymentResult = { readonly info?: OrchestratorInfo }

export const encodePaymentResult = (result: PaymentResult): Uint8Array =>
  encodeMessage(PaymentResultSchema, { ...(result.info && { info: orchestratorInfoToProto(result.info) }) })

export function decodePaymentResult(bytes: Uint8Array): PaymentResult {
  const message = decodeMessage(PaymentResultSchema, bytes)
  return { ...(message.info && { info: orchestratorInfoFromProto(message.info) }) }
}
