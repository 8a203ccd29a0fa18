import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodePaymentHeader } from '@millrace/wire'
import { MiddleLink } from './middle-link.ts'

/** The next segment must come within this time, or one that was held back goes on alone. */
const HELD_MS = 1_500

/** A link to an orchestrator on which segments, and the tickets in their headers, arrive twice or in another order. */
export class UnrulyLink extends MiddleLink {
  mode: 'as they come' | 'each twice' | 'in pairs, the second first' = 'as they come'
  /** What the orchestrator said to a payment that it had taken with the segment before. */
  readonly replayed: { readonly status: number; readonly text: string }[] = []
  /** Pairs that were turned round. */
  swapped = 0
  #held: (() => void) | undefined

  /** Opens a link; `targetPort` is the orchestrator's own. */
  static async open(targetPort: () => number): Promise<UnrulyLink> {
    return new UnrulyLink(targetPort, await MiddleLink.certificate()).listen()
  }

  protected override async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.url !== '/segment' || this.mode === 'as they come')
      return this.answer(outgoing, await this.forward(incoming, outgoing))
    const body = await buffer(incoming)
    if (this.mode === 'in pairs, the second first') return this.#swap(incoming, outgoing, body)
    const first = await this.forward(incoming, outgoing, body)
    const result = await first.body()
    const second = await this.forward(incoming, outgoing, body)
    const text = (await second.body()).toString('utf8').trim()
    // A busy orchestrator refuses a segment before it looks at the payment: then the second is the first.
    // One that is paid from credit has no ticket, so that nothing of it can be taken twice.
    const payment = decodePaymentHeader(String(incoming.headers['livepeer-payment'] ?? ''))
    const hasTickets = (payment?.tickets.length ?? 0) > 0
    if (first.head.statusCode === 200 && hasTickets) this.replayed.push({ status: second.head.statusCode ?? 0, text })
    await this.answer(outgoing, { head: first.head, body: async () => result })
  }

  async #swap(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer): Promise<void> {
    const release = this.#held
    if (!release) {
      // The first of a pair waits until the second one's head is answered: its payment was taken then.
      const other = new Promise<boolean>((resolve) => {
        this.#held = () => resolve(true)
      })
      if (await Promise.race([other, sleep(HELD_MS, false)])) this.swapped++
      this.#held = undefined
      return this.answer(outgoing, await this.forward(incoming, outgoing, body))
    }
    this.#held = undefined
    const answer = await this.forward(incoming, outgoing, body)
    release()
    await this.answer(outgoing, answer)
  }
}
