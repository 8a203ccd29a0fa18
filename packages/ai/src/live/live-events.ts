import type { Log } from '@millrace/base'
import type { TricklePublisherOptions } from '../trickle/trickle-publisher.ts'
import { JsonChannel } from './json-channel.ts'

/** Writes events of a live stream to its events channel, in the envelope of the network (ai spec, section 8.4). */
export class LiveEvents {
  readonly #channel: JsonChannel

  constructor(target: TricklePublisherOptions | undefined, log: Log) {
    this.#channel = new JsonChannel(target, log)
  }

  /** `stream` for status, errors and restarts; `trace` for where the stream has got to. */
  tell(kind: 'stream' | 'trace', event: Readonly<Record<string, unknown>>): void {
    this.#channel.write({ event, queue_event_type: kind === 'trace' ? 'stream_trace' : 'ai_stream_events' })
  }

  close(): Promise<void> {
    return this.#channel.close()
  }
}
