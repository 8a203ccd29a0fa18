import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { connect, createServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import { makeCertificate } from '@millrace/node'

const HOST = '127.0.0.1'

export type LinkCertificate = { readonly cert: string; readonly key: string }

/** What a real orchestrator answered, head first. */
export type MiddleAnswer = { readonly head: IncomingMessage; body(): Promise<Buffer> }

/**
 * A TLS end in front of a real orchestrator that reads along; gateways take it for the orchestrator, since certificates of the
 * network prove nothing. gRPC goes through untouched, HTTP as `handle` likes.
 */
export abstract class MiddleLink implements AsyncDisposable {
  readonly #targetPort: () => number
  readonly #tls: TlsServer
  readonly #http: Server
  readonly #sockets = new Set<{ destroy(): void }>()

  constructor(targetPort: () => number, certificate: LinkCertificate) {
    this.#targetPort = targetPort
    this.#http = createHttpServer({ maxHeaderSize: 1 << 20 }, (incoming, outgoing) => {
      this.handle(incoming, outgoing).catch(() => outgoing.destroy())
    })
    this.#tls = createServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (near) => {
      this.#keep(near)
      if (near.alpnProtocol === 'h2') this.#pass(near)
      else this.#http.emit('connection', near)
    })
    this.#tls.on('tlsClientError', (_, socket) => socket.destroy())
  }

  protected static certificate(): Promise<LinkCertificate> {
    return makeCertificate(HOST)
  }

  protected async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#tls.listen(0, HOST, resolve))
    return this
  }

  protected abstract handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>

  get port(): number {
    return (this.#tls.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#tls.close(resolve))
  }

  /** Sends a request on to the orchestrator; the body is that of the request, or one that was read already. */
  protected async forward(incoming: IncomingMessage, outgoing: ServerResponse, body?: Buffer): Promise<MiddleAnswer> {
    const { method, url: path = '/', headers } = incoming
    const options = { host: HOST, port: this.#targetPort(), path, method, headers, rejectUnauthorized: false }
    const forwarded = request({ ...options, maxHeaderSize: 1 << 20 })
    outgoing.on('close', () => forwarded.destroy())
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      forwarded.on('response', resolve)
      forwarded.on('error', reject)
    })
    if (body) forwarded.end(body)
    else incoming.pipe(forwarded)
    const head = await answered
    return { head, body: () => buffer(head) }
  }

  /** Answers as the orchestrator did; the body may be changed. */
  protected async answer(
    outgoing: ServerResponse,
    { head, body }: MiddleAnswer,
    change: (body: Buffer) => Uint8Array = (same) => same,
  ): Promise<void> {
    const { 'content-length': _, ...rest } = head.headers
    // The head of a result comes long before its body, and gateways wait for it by a time limit of its own.
    outgoing.writeHead(head.statusCode ?? 502, rest)
    outgoing.flushHeaders()
    const whole = await body()
    outgoing.end(head.statusCode === 200 ? change(whole) : whole)
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
}
