import { type Clock, errorText, hasCode, type Log, type Part, systemClock, type Wei } from '@millrace/base'
import { queueTicketRequestOf, type WinningTicket } from '@millrace/payments'
import { type Address, decodeMaxFloatUpdate, encodeMaxFloatRequest, encodeQueueTicketRequest } from '@millrace/wire'
import type { TicketOutbox } from '../../store/ticket-outbox.ts'
import type { RedeemerLink } from '../ports.ts'
import { RpcClient } from './rpc-client.ts'

const TIMEOUT_MS = 3_000
/** Without news a max float is asked again after five minutes (wire spec 8). */
const FLOAT_TTL_MS = 5 * 60_000
const RETRY_MS = 2_000
const PAGE = 50

/**
 * A redeemer in another process. Winning tickets go into an outbox first and from there to the redeemer,
 * so that one that is down for a while, or a crash here, loses none.
 */
export class RemoteRedeemer implements Part, RedeemerLink {
  readonly name = 'remote-redeemer'
  readonly #rpc: RpcClient
  readonly #outbox: TicketOutbox
  readonly #log: Log
  readonly #clock: Clock
  readonly #floats = new Map<Address, { value: Wei; at: number }>()
  readonly #monitored = new Set<Address>()
  readonly #stopping = new AbortController()
  #sending: Promise<void> = Promise.resolve()
  #again = false
  #busy = false

  constructor(
    options: { readonly uri: string },
    deps: { readonly outbox: TicketOutbox; readonly log: Log; readonly clock?: Clock },
  ) {
    this.#rpc = new RpcClient(options.uri)
    this.#outbox = deps.outbox
    this.#log = deps.log
    this.#clock = deps.clock ?? systemClock
  }

  async start(): Promise<void> {
    this.#send()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#sending
    this.#rpc.close()
  }

  async queueTicket(ticket: WinningTicket): Promise<void> {
    this.#outbox.put(ticket.hash, encodeQueueTicketRequest(queueTicketRequestOf(ticket)))
    this.#send()
  }

  async maxFloat(sender: Address, call: { readonly signal?: AbortSignal | undefined } = {}): Promise<Wei> {
    const known = this.#floats.get(sender)
    if (known && this.#clock.elapsed() - known.at < FLOAT_TTL_MS) return known.value
    const { maxFloat } = decodeMaxFloatUpdate(
      await this.#rpc.unary('/net.TicketRedeemer/MaxFloat', encodeMaxFloatRequest({ sender }), {
        timeoutMs: TIMEOUT_MS,
        signal: call.signal,
      }),
    )
    this.#floats.set(sender, { value: maxFloat, at: this.#clock.elapsed() })
    this.#monitor(sender)
    return maxFloat
  }

  /** Hears of every change of the sender's max float; when the stream breaks the value is asked again at its next use. */
  #monitor(sender: Address): void {
    if (this.#monitored.has(sender)) return
    this.#monitored.add(sender)
    const stream = this.#rpc.serverStream('/net.TicketRedeemer/MonitorMaxFloat', encodeMaxFloatRequest({ sender }))
    const onStop = () => stream.cancel()
    const end = () => {
      this.#floats.delete(sender)
      this.#monitored.delete(sender)
      this.#stopping.signal.removeEventListener('abort', onStop)
    }
    stream.on('data', (bytes: Uint8Array) =>
      this.#floats.set(sender, { value: decodeMaxFloatUpdate(bytes).maxFloat, at: this.#clock.elapsed() }),
    )
    stream.on('error', end)
    stream.on('end', end)
    this.#stopping.signal.addEventListener('abort', onStop, { once: true })
  }

  /** Hands over what lies in the outbox; a ticket leaves it when the redeemer has it. */
  #send(): void {
    this.#again = true
    if (this.#busy) return
    this.#busy = true
    this.#sending = this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#stopping
    while (this.#again && !signal.aborted) {
      this.#again = false
      if (await this.#sendPage(signal)) continue
      this.#again = true
      await this.#clock.sleep(RETRY_MS, { signal }).catch(() => {})
    }
    // In the same turn as the last look at #again, so that no ticket falls between the two.
    this.#busy = false
  }

  /** False when a ticket was not taken and must be tried again. */
  async #sendPage(signal: AbortSignal): Promise<boolean> {
    let allTaken = true
    for (const { hash, request } of this.#outbox.list(PAGE)) {
      try {
        await this.#rpc.unary('/net.TicketRedeemer/QueueTicket', request, { timeoutMs: TIMEOUT_MS, signal })
        this.#outbox.remove(hash)
        this.#again = true
      } catch (error) {
        if (signal.aborted) return false
        allTaken = false
        this.#log.warn('the redeemer did not take a winning ticket, trying again', {
          ticketHash: hash,
          error: errorText(error),
        })
        // A ticket that is refused holds up no other; a redeemer that is away holds up all.
        if (hasCode(error, 'peer_unreachable')) return false
      }
    }
    return allTaken
  }
}
