import { subscribe, type TrickleSubscriberOptions } from '../trickle/trickle-subscriber.ts'

const MAX_BYTES = 1_000_000

/** Reads a control channel: one JSON object a segment, of which those that only keep it alive are left out. */
export class ControlMessages {
  readonly #options: TrickleSubscriberOptions

  constructor(options: TrickleSubscriberOptions) {
    this.#options = options
  }

  /** Ends when the channel does; what is no object is left out. Throws when the channel cannot be read. */
  async *read(): AsyncGenerator<Readonly<Record<string, unknown>>> {
    for await (const { data } of subscribe(this.#options)) {
      const message = await readObject(data).catch(() => undefined)
      if (message && message.keep !== 'alive') yield message
    }
  }
}

async function readObject(data: AsyncIterable<Uint8Array>): Promise<Readonly<Record<string, unknown>> | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of data) {
    length += chunk.length
    if (length > MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}
