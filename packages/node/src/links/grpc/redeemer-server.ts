import { createSecureServer, type Http2SecureServer } from 'node:http2'
import type { Socket } from 'node:net'
import { Code, ConnectError } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import { AsyncQueue, bigintToBytes, errorText, hasCode, type Part, type Wei } from '@millrace/base'
import { winningTicketOf } from '@millrace/payments'
import { addressFromBytes } from '@millrace/wire'
import { queueTicketRequestFromProto, TicketRedeemer } from '@millrace/wire/proto'
import type { Redeemer } from '../../redeemer/redeemer.ts'
import { listen } from '../http/orchestrator-server.ts'
import { makeCertificate } from '../tls.ts'

/** What of a redeemer the server uses. */
export type RedeemerService = Pick<Redeemer, 'queueTicket' | 'maxFloat' | 'recipient'> & {
  readonly senders: Pick<Redeemer['senders'], 'watch'>
}

/** The TLS port of a redeemer: QueueTicket, MaxFloat and MonitorMaxFloat (wire spec 8). */
export class RedeemerServer implements Part {
  readonly name = 'redeemer-server'
  readonly #options: { readonly host: string; readonly port: number; readonly folder: string }
  readonly #redeemer: RedeemerService
  readonly #sockets = new Set<Socket>()
  readonly #stopping = new AbortController()
  #server: Http2SecureServer | undefined
  #port: number

  constructor(
    options: { readonly host: string; readonly port: number; readonly folder: string },
    deps: { readonly redeemer: RedeemerService },
  ) {
    this.#options = options
    this.#redeemer = deps.redeemer
    this.#port = options.port
  }

  get port(): number {
    return this.#port
  }

  async start(): Promise<void> {
    const { host, port, folder } = this.#options
    const redeemer = this.#redeemer
    const stopping = this.#stopping.signal
    const rpc = connectNodeAdapter({
      routes: (router) =>
        router.service(TicketRedeemer, {
          queueTicket: async (message) => {
            try {
              await redeemer.queueTicket(winningTicketOf(queueTicketRequestFromProto(message)))
              return {}
            } catch (error) {
              throw new ConnectError(
                errorText(error),
                hasCode(error, 'invalid_recipient') ? Code.PermissionDenied : Code.Unknown,
              )
            }
          },
          maxFloat: async (message) => ({
            maxFloat: bigintToBytes(await redeemer.maxFloat(addressFromBytes(message.sender))),
          }),
          monitorMaxFloat: async function* (message, context) {
            const sender = addressFromBytes(message.sender)
            const updates = new AsyncQueue<Wei>({ capacity: 100 })
            const tell = () =>
              redeemer.maxFloat(sender).then(
                (value) => updates.push(value),
                (error) => updates.close(error),
              )
            const stop = redeemer.senders.watch(sender, () => void tell())
            const end = () => updates.close()
            AbortSignal.any([context.signal, stopping]).addEventListener('abort', end, { once: true })
            try {
              void tell()
              for await (const value of updates) yield { maxFloat: bigintToBytes(value) }
            } finally {
              stop()
            }
          },
        }),
      grpcWeb: false,
      connect: false,
      shutdownSignal: stopping,
      readMaxBytes: 64 * 1024,
    })
    const server = createSecureServer({ ...(await makeCertificate(host, folder)), allowHTTP1: false }, rpc)
    server.on('secureConnection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    })
    server.on('sessionError', () => {})
    await listen(server, { host, port, flag: '--http-addr' })
    const address = server.address()
    this.#port = address && typeof address === 'object' ? address.port : port
    this.#server = server
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const server = this.#server
    if (!server) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
