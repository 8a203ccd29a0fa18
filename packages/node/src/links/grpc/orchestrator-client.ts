import { isIP } from 'node:net'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import { errorText, MillraceError } from '@millrace/base'
import {
  type AuthToken,
  decodeOrchestratorInfo,
  encodeEndTranscodingSessionRequest,
  encodeOrchestratorRequest,
  type OrchestratorInfo,
  type OrchestratorRequest,
} from '@millrace/wire'

type Call = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }

/** The gRPC side of a gateway's connection to one orchestrator; certificates are not validated (wire spec 1.2). */
export class OrchestratorRpc {
  readonly #client: Client

  constructor(serviceUri: string) {
    const url = new URL(serviceUri)
    const target = `${url.hostname}:${url.port || (url.protocol === 'http:' ? '80' : '443')}`
    const channel =
      url.protocol === 'http:'
        ? credentials.createInsecure()
        : credentials.createSsl(null, null, null, { rejectUnauthorized: false, checkServerIdentity: () => undefined })
    this.#client = new Client(target, channel, {
      'grpc.max_receive_message_length': 4 << 20,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 2_000,
      'grpc.use_local_subchannel_pool': 1,
      ...serverName(url.hostname),
    })
  }

  async getOrchestrator(request: OrchestratorRequest, call: Call): Promise<OrchestratorInfo> {
    return decodeOrchestratorInfo(
      await this.#unary('/net.Orchestrator/GetOrchestrator', encodeOrchestratorRequest(request), call),
    )
  }

  async endSession(authToken: AuthToken, call: Call): Promise<void> {
    await this.#unary(
      '/net.Orchestrator/EndTranscodingSession',
      encodeEndTranscodingSessionRequest({ authToken }),
      call,
    )
  }

  close(): void {
    this.#client.close()
  }

  #unary(path: string, message: Uint8Array, call: Call): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const running = this.#client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => new Uint8Array(bytes),
        message,
        { deadline: Date.now() + call.timeoutMs },
        (error: ServiceError | null, answer?: Uint8Array) => {
          call.signal?.removeEventListener('abort', onAbort)
          if (error) reject(rpcError(error))
          else resolve(answer ?? new Uint8Array(0))
        },
      )
      const onAbort = () => running.cancel()
      call.signal?.addEventListener('abort', onAbort, { once: true })
      if (call.signal?.aborted) onAbort()
    })
  }
}

/** TLS names a server by a host name only (RFC 6066): where the address is an IP, a name that means nothing is sent. */
export const serverName = (host: string): Record<string, string> =>
  isIP(host.replace(/^\[|\]$/g, '')) ? { 'grpc.ssl_target_name_override': 'orchestrator' } : {}

/** What a peer answered is kept verbatim in `meta.peerText`. */
export function rpcError(error: ServiceError): MillraceError {
  const unreachable = error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED
  const peerText = percentDecoded(error.details)
  return unreachable
    ? new MillraceError('peer_unreachable', `the orchestrator does not answer: ${peerText}`, {
        cause: error,
        retryable: true,
      })
    : new MillraceError('peer_refused', `the orchestrator refused: ${peerText || errorText(error)}`, {
        cause: error,
        meta: { peerText },
      })
}

/** gRPC percent-encodes messages; grpc-js leaves reserved characters such as the colon encoded. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
