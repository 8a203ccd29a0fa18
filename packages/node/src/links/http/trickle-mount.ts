import type { IncomingMessage, ServerResponse } from 'node:http'
import { type TrickleChannel, TrickleRefusal, TrickleServer } from '@millrace/ai'
import { type Clock, type Log, MillraceError, type Part } from '@millrace/base'
import type { Door } from './door.ts'

export type TrickleMountOptions = {
  /** The orchestrator's own address. */
  readonly serviceUri: () => string
  /** Channels of all owners. Default 10 000. */
  readonly maxChannels?: number
  /** Default 400: a hundred live streams. Gateways without an account count as one. */
  readonly maxChannelsPerOwner?: number
  /** What the channels of one owner hold at most before nobody may begin another segment of them. Default 1 GB. */
  readonly maxBytesPerOwner?: number
  /** A channel to which nobody writes for so long ends. Default 5 minutes. */
  readonly idleMs?: number
}

export type ChannelOptions = {
  /** Who is answerable for it: the account that pays. */
  readonly owner: string
  /** Default 16 MB; 1 MB for JSON. */
  readonly maxSegmentBytes?: number
  /** Called once when the channel ends, whoever ends it: its readers and writers may, as may silence. */
  readonly onClose?: () => void
}

const PATH = '/ai/trickle/'
const MAX_JSON_BYTES = 1_000_000
const MAX_SEGMENT_BYTES = 16_000_000

/**
 * The trickle channels of an orchestrator, below `/ai/trickle/` of its port. There are those alone that parts of it created:
 * who knows the name of one may read, write and end it, so names must not be such as can be guessed.
 */
export class TrickleMount implements Part {
  readonly name = 'trickle'
  readonly #options: Required<Omit<TrickleMountOptions, 'idleMs'>>
  readonly #server: TrickleServer
  readonly #channels = new Map<string, { readonly owner: string; readonly channel: TrickleChannel }>()

  constructor(options: TrickleMountOptions, deps: { readonly log: Log; readonly clock?: Clock }) {
    const { idleMs, ...given } = options
    this.#options = {
      ...{ maxChannels: 10_000, maxChannelsPerOwner: 400, maxBytesPerOwner: 1_000_000_000 },
      ...given,
    }
    this.#server = new TrickleServer(
      {
        ...{ basePath: PATH, maxChannels: this.#options.maxChannels, maxSegmentBytes: MAX_SEGMENT_BYTES },
        ...(idleMs !== undefined && { idleMs, sweepMs: Math.min(60_000, idleMs) }),
      },
      { ...deps, allow: (action, name) => this.#allow(action, name) },
    )
  }

  start(): Promise<void> {
    return this.#server.start()
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }

  /** The names of the channels that there are. */
  get names(): readonly string[] {
    return this.#server.names
  }

  /** Where a channel is, for those who reach the orchestrator by its own address or by `base`. */
  url(name: string, base: string = this.#options.serviceUri()): string {
    return new URL(`${PATH}${name}`, base).href
  }

  /** Throws `channel_exists`, `bad_channel_name` and `too_many_channels`. */
  create(name: string, mimeType: string, { owner, maxSegmentBytes, onClose }: ChannelOptions): TrickleChannel {
    if (this.#channels.has(name)) throw new MillraceError('channel_exists', `there is a channel ${name} already`)
    const { maxChannelsPerOwner } = this.#options
    if (this.#of(owner).length >= maxChannelsPerOwner)
      throw new MillraceError('too_many_channels', `one account has ${maxChannelsPerOwner} channels at most`, {
        retryable: true,
      })
    const isJson = /^application\/jsonl?$/i.test(mimeType)
    const limit = maxSegmentBytes ?? (isJson ? MAX_JSON_BYTES : MAX_SEGMENT_BYTES)
    const channel = this.#server.create(name, mimeType, { maxSegmentBytes: limit })
    this.#channels.set(name, { owner, channel })
    channel.onClose(() => {
      this.#channels.delete(name)
      onClose?.()
    })
    return channel
  }

  /** Ends a channel for those who read and write it; false when there was none. */
  close(name: string): boolean {
    return this.#server.close(name)
  }

  /** Takes the requests for channels. */
  readonly door: Door = (request, response) =>
    // What is used of HTTP/2's requests is the same.
    this.#server.handle(request as IncomingMessage, response as ServerResponse) ? Promise.resolve() : undefined

  #allow(action: string, name: string): void {
    const owner = this.#channels.get(name)?.owner
    if (action !== 'publish' || owner === undefined) return
    const bytes = this.#of(owner).reduce((sum, channel) => sum + channel.bytes, 0)
    if (bytes > this.#options.maxBytesPerOwner) throw new TrickleRefusal(503, 'the channels of this account are full')
  }

  #of(owner: string): readonly TrickleChannel[] {
    return [...this.#channels.values()].flatMap((each) => (each.owner === owner ? [each.channel] : []))
  }
}
