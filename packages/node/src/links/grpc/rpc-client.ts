import { isIP } from 'node:net'
import { Client, type ClientReadableStream, credentials, type ServiceError, status } from '@grpc/grpc-js'
import { errorText, MillraceError } from '@millrace/base'

export type RpcCall = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }

const send = (bytes: Uint8Array): Buffer => Buffer.from(bytes)
const receive = (bytes: Buffer): Uint8Array => new Uint8Array(bytes)

/** gRPC to one peer, messages as bytes. Certificates are not validated (wire spec 1.2); each client has connections of its own. */
export class RpcClient {
  readonly #client: Client

  /** `uri` is https://host:port, or http://host:port for a peer without TLS. */
  constructor(uri: string, options: { readonly defaultPort?: number } = {}) {
    const { hostname, port, protocol } = new URL(uri)
    const plain = protocol === 'http:'
    const channel = plain
      ? credentials.createInsecure()
      : credentials.createSsl(null, null, null, { rejectUnauthorized: false, checkServerIdentity: () => undefined })
    this.#client = new Client(`${hostname}:${port || (options.defaultPort ?? (plain ? 80 : 443))}`, channel, {
      'grpc.max_receive_message_length': 4 << 20,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 2_000,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 10_000,
      // TLS names a server by a host name only (RFC 6066): where the address is an IP, a name that means nothing is sent.
      ...(isIP(hostname.replace(/^\[|\]$/g, '')) ? { 'grpc.ssl_target_name_override': 'millrace' } : {}),
    })
  }

  /** One question, one answer; throws `peer_unreachable` or `peer_refused` with the peer's words. */
  unary(path: string, message: Uint8Array, call: RpcCall): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const running = this.#client.makeUnaryRequest(
        path,
        send,
        receive,
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

  /** A stream of answers; its errors are for `rpcError`. */
  serverStream(path: string, message: Uint8Array): ClientReadableStream<Uint8Array> {
    return this.#client.makeServerStreamRequest(path, send, receive, message)
  }

  close(): void {
    this.#client.close()
  }
}

/** What a peer answered is kept verbatim in `meta.peerText`. */
export function rpcError(error: ServiceError): MillraceError {
  const unreachable = error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED
  const peerText = percentDecoded(error.details)
  return unreachable
    ? new MillraceError('peer_unreachable', `the peer does not answer: ${peerText}`, { cause: error, retryable: true })
    : new MillraceError('peer_refused', `the peer refused: ${peerText || errorText(error)}`, {
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
