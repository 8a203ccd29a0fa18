import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { connect, createServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import { keccak256 } from '@millrace/base'
import { makeCertificate } from '@millrace/node'
import {
  decodeTranscodeResult,
  encodeTranscodeResult,
  renditionsHash,
  type Signer,
  signHashMessage,
  type TranscodeData,
} from '@millrace/wire'
import { FORGERIES, type Forged, type Forgeries, type Forgery } from './forgeries.ts'

/** What an orchestrator may answer instead of the truth. */
export type Lie =
  | 'more pixels'
  | 'no signature'
  | 'a rendition too few'
  | "somebody else's renditions"
  | "another segment's answer"
  | 'swapped pictures'
  | Forgery

export type LyingLinkDeps = {
  /** The orchestrator's own key: a cheat signs what it delivers. */
  readonly signer: Signer
  readonly forgeries: Forgeries
}

const HOST = '127.0.0.1'

/**
 * A TLS end in front of a real orchestrator that reads along and changes its answers on request; gateways take it for the orchestrator,
 * since certificates of the network prove nothing. gRPC goes through untouched.
 */
export class LyingLink implements AsyncDisposable {
  lie: Lie | undefined
  /** The segments whose answers were changed. */
  readonly told: { readonly seq: number; readonly lie: Lie }[] = []
  readonly #targetPort: () => number
  readonly #tls: TlsServer
  readonly #http: Server
  readonly #sockets = new Set<{ destroy(): void }>()
  #honestData: TranscodeData | undefined
  #honestRendition: Buffer | undefined
  readonly #deps: LyingLinkDeps
  /** What is delivered instead of the renditions at these paths. */
  readonly #forged = new Map<string, Uint8Array>()

  private constructor(
    targetPort: () => number,
    deps: LyingLinkDeps,
    certificate: { readonly cert: string; readonly key: string },
  ) {
    this.#targetPort = targetPort
    this.#deps = deps
    this.#http = createHttpServer({ maxHeaderSize: 1 << 20 }, (incoming, outgoing) => {
      this.#answer(incoming, outgoing).catch(() => outgoing.destroy())
    })
    this.#tls = createServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (near) => {
      this.#keep(near)
      if (near.alpnProtocol === 'h2') this.#pass(near)
      else this.#http.emit('connection', near)
    })
    this.#tls.on('tlsClientError', (_, socket) => socket.destroy())
  }

  /** Opens a link; `targetPort` is the orchestrator's own. */
  static async open(targetPort: () => number, deps: LyingLinkDeps): Promise<LyingLink> {
    const link = new LyingLink(targetPort, deps, await makeCertificate(HOST))
    await new Promise<void>((resolve) => link.#tls.listen(0, HOST, resolve))
    return link
  }

  get port(): number {
    return (this.#tls.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#tls.close(resolve))
  }

  #keep(socket: TLSSocket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }

  #pass(near: TLSSocket): void {
    const far = connect({ host: HOST, port: this.#targetPort(), ALPNProtocols: ['h2'], rejectUnauthorized: false })
    this.#keep(far)
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, url: path = '/', headers } = incoming
    const options = { host: HOST, port: this.#targetPort(), path, method, headers, rejectUnauthorized: false }
    const forwarded = request({ ...options, maxHeaderSize: 1 << 20 })
    outgoing.on('close', () => forwarded.destroy())
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      forwarded.on('response', resolve)
      forwarded.on('error', reject)
    })
    incoming.pipe(forwarded)
    const answer = await answered
    const { 'content-length': _, ...rest } = answer.headers
    // The head of a result comes long before its body, and gateways wait for it by a time limit of its own.
    outgoing.writeHead(answer.statusCode ?? 502, rest)
    outgoing.flushHeaders()
    const body = await buffer(answer)
    outgoing.end(answer.statusCode === 200 ? this.#changed(path, body) : body)
  }

  #changed(path: string, body: Buffer): Uint8Array {
    if (path === '/segment') return this.#changedResult(body)
    if (!path.startsWith('/stream/')) return body
    const forged = this.#forged.get(path)
    if (forged) return forged
    if (this.lie === 'swapped pictures') return this.#honestRendition ?? body
    this.#honestRendition = body
    return body
  }

  #changedResult(body: Buffer): Uint8Array {
    const result = decodeTranscodeResult(body)
    if ('error' in result.result) return body
    const { data } = result.result
    const { lie } = this
    const earlier = this.#honestData
    if (lie === undefined || !earlier) {
      this.#honestData = data
      return body
    }
    this.told.push({ seq: result.seq, lie })
    return encodeTranscodeResult({ ...result, result: { data: this.#lied(lie, data, earlier) } })
  }

  #lied(lie: Lie, data: TranscodeData, earlier: TranscodeData): TranscodeData {
    return isForgery(lie) ? this.#forge(this.#deps.forgeries[lie], data) : changedData(lie, data, earlier)
  }

  /** Other renditions, with their own pixels and a signature that holds; without a commitment, as orchestrators of go-livepeer answer. */
  #forge(renditions: readonly Forged[], data: TranscodeData): TranscodeData {
    const { commitment: _, ...rest } = data
    const segments = data.segments.map((segment, i) => {
      this.#forged.set(new URL(segment.url).pathname, renditions[i]!.data)
      return { ...segment, pixels: renditions[i]!.pixels }
    })
    const hash = renditionsHash(renditions.map((rendition) => keccak256(rendition.data)))
    return { ...rest, segments, signature: signHashMessage(this.#deps.signer, hash) }
  }
}

const isForgery = (lie: Lie): lie is Forgery => FORGERIES.some((forgery) => forgery === lie)

function changedData(lie: Exclude<Lie, Forgery>, data: TranscodeData, earlier: TranscodeData): TranscodeData {
  const { segments } = data
  switch (lie) {
    case 'more pixels':
      return { ...data, segments: segments.map((s, i) => (i === 0 ? { ...s, pixels: s.pixels + 1_000_000n } : s)) }
    case 'no signature':
      return { ...data, signature: new Uint8Array(65) }
    case 'a rendition too few':
      return { ...data, segments: segments.slice(1) }
    case "somebody else's renditions":
      return { ...data, segments: segments.map((s) => ({ ...s, url: `https://${HOST}:1/stream/x/0.ts` })) }
    case "another segment's answer":
      return earlier
    case 'swapped pictures':
      return data
  }
}
