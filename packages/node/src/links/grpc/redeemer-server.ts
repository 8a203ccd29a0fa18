import { Code, ConnectError } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import { AsyncQueue, bigintToBytes, errorText, hasCode, type Log, type Part, type Wei } from '@millrace/base'
import { winningTicketOf } from '@millrace/payments'
import { addressFromBytes } from '@millrace/wire'
import { queueTicketRequestFromProto, TicketRedeemer } from '@millrace/wire/proto'
import type { Redeemer } from '../../redeemer/redeemer.ts'
import { type Listening, listenSecure } from '../http/listening.ts'
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
  readonly #log: Log
  readonly #stopping = new AbortController()
  #listening: Listening | undefined

  constructor(
    options: { readonly host: string; readonly port: number; readonly folder: string },
    deps: { readonly redeemer: RedeemerService; readonly log: Log },
  ) {
    this.#options = options
    this.#redeemer = deps.redeemer
    this.#log = deps.log
  }

  get port(): number {
    return this.#listening?.port ?? this.#options.port
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
    const certificate = await makeCertificate(host, folder)
    this.#listening = await listenSecure(
      rpc,
      { host, port, flag: '--http-addr (of `millrace up`: --port-offset)', certificate },
      { log: this.#log },
    )
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#listening?.close()
  }
}
