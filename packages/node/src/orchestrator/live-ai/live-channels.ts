import type { LiveChannels, LiveRequest, LiveStart, TrickleChannel } from '@millrace/ai'
import type { TrickleMount } from '../../links/http/trickle-mount.ts'

/** What each of a stream's channels is called behind its manifest, and what it carries (ai spec, section 8.1). */
const KINDS = {
  input: ['', 'video/MP2T'],
  output: ['-out', 'video/MP2T'],
  control: ['-control', 'application/json'],
  events: ['-events', 'application/json'],
} as const

export type ChannelKind = keyof typeof KINDS

/** The four channels of one live stream. */
export class StreamChannels {
  readonly #mount: Pick<TrickleMount, 'create' | 'close' | 'url'>
  readonly #manifestId: string
  readonly #channels: Readonly<Record<ChannelKind, TrickleChannel>>

  /** Throws what the mount throws, and then there is none of them. */
  constructor(
    options: {
      readonly manifestId: string
      readonly owner: string
      readonly onClose: (kind: ChannelKind) => void
    },
    mount: Pick<TrickleMount, 'create' | 'close' | 'url'>,
  ) {
    this.#mount = mount
    this.#manifestId = options.manifestId
    const make = (kind: ChannelKind) => {
      const [, mimeType] = KINDS[kind]
      return mount.create(this.#nameOf(kind), mimeType, { owner: options.owner, onClose: () => options.onClose(kind) })
    }
    try {
      this.#channels = {
        input: make('input'),
        output: make('output'),
        control: make('control'),
        events: make('events'),
      }
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** As the gateway has them. */
  forGateway(): LiveChannels {
    return {
      publishUrl: this.#url('input'),
      subscribeUrl: this.#url('output'),
      controlUrl: this.#url('control'),
      eventsUrl: this.#url('events'),
      manifestId: this.#manifestId,
    }
  }

  /** As a runner has them that reaches this orchestrator by `base`; by its own address where there is none. */
  forRunner({ params, gatewayRequestId, streamId }: LiveStart, base?: string): LiveRequest {
    return {
      subscribeUrl: this.#url('input', base),
      publishUrl: this.#url('output', base),
      controlUrl: this.#url('control', base),
      eventsUrl: this.#url('events', base),
      params,
      requestId: gatewayRequestId ?? this.#manifestId,
      manifestId: this.#manifestId,
      ...(streamId !== undefined && { streamId }),
      anyCertificate: true,
    }
  }

  /** Bytes that were ever written to a channel: whoever writes to it cannot make them fewer. */
  written(kind: ChannelKind): number {
    return this.#channels[kind].written
  }

  close(): void {
    for (const kind of Object.keys(KINDS) as ChannelKind[]) this.#mount.close(this.#nameOf(kind))
  }

  #nameOf(kind: ChannelKind): string {
    return `${this.#manifestId}${KINDS[kind][0]}`
  }

  #url(kind: ChannelKind, base?: string): string {
    return this.#mount.url(this.#nameOf(kind), base)
  }
}
