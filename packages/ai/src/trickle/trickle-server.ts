import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Clock, errorText, type Log, MillraceError, type Part, systemClock } from '@millrace/base'
import { TrickleChannel } from './channel.ts'
import { STATUS_NO_SEGMENT, TRICKLE_HEADER } from './headers.ts'
import { receiveSegment } from './receive-segment.ts'
import { sendSegment } from './send-segment.ts'

export type TrickleServerOptions = {
  /** Where channels are, with a slash at both ends. Default `/ai/trickle/`. */
  readonly basePath?: string
  /** Channels come into being when somebody asks for them; off on orchestrators, which create them for jobs. */
  readonly autoCreate?: boolean
  /** Tells of channels that come and go on the channel `_changes`. */
  readonly changefeed?: boolean
  readonly maxChannels?: number
  readonly maxSegmentBytes?: number
  /** A channel to which nobody writes for so long ends. Default 5 minutes. */
  readonly idleMs?: number
  readonly sweepMs?: number
  /** How often a publisher that is connected and silent is told that the server is there. Default 10 s. */
  readonly keepAliveMs?: number
  /** A reader that takes nothing for so long is cut off. Default 30 s. */
  readonly readerStallMs?: number
}

export type TrickleServerDeps = {
  /** Asked before a stranger creates, writes, reads or ends anything; a TrickleRefusal says with which status it is refused. */
  readonly allow?: (action: TrickleAction, name: string, request: IncomingMessage) => void | Promise<void>
  readonly clock?: Clock
  readonly log: Log
}

export type TrickleAction = 'create' | 'publish' | 'subscribe' | 'delete'

/** Why a request is refused, and with which HTTP status. */
export class TrickleRefusal extends MillraceError {
  readonly status: number
  constructor(status: number, text: string) {
    super('trickle_refused', text, { meta: { status } })
    this.status = status
  }
}

/** The channel on which others are told of. */
export const CHANGES = '_changes'

const NAME = /^[\w.~-]{1,200}$/
const NOT_FOUND = 'Stream not found'

/**
 * Channels of numbered segments over HTTP, written and read at the same time (ai spec, section 9).
 * It takes the requests of an http.Server, whose `requestTimeout` must be 0: a publisher is connected before it has anything to send.
 */
export class TrickleServer implements Part {
  readonly name = 'trickle'
  readonly basePath: string
  readonly #options: Required<TrickleServerOptions>
  readonly #deps: TrickleServerDeps
  readonly #clock: Clock
  readonly #channels = new Map<string, TrickleChannel>()
  #sweeping: ReturnType<typeof setInterval> | undefined

  constructor(options: TrickleServerOptions, deps: TrickleServerDeps) {
    this.#options = {
      basePath: '/ai/trickle/',
      autoCreate: false,
      changefeed: false,
      maxChannels: 10_000,
      maxSegmentBytes: 64 * 1024 * 1024,
      idleMs: 300_000,
      sweepMs: 60_000,
      keepAliveMs: 10_000,
      readerStallMs: 30_000,
      ...options,
    }
    this.basePath = this.#options.basePath
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    if (this.#options.changefeed) this.create(CHANGES, 'application/json')
  }

  async start(): Promise<void> {
    this.#sweeping = setInterval(() => this.sweep(), this.#options.sweepMs)
    this.#sweeping.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeping)
    for (const channel of this.#channels.values()) channel.close()
    this.#channels.clear()
  }

  get names(): readonly string[] {
    return [...this.#channels.keys()]
  }

  channel(name: string): TrickleChannel | undefined {
    return this.#channels.get(name)
  }

  /** The channel of this name, made where there is none; throws `bad_channel_name` or `too_many_channels`. */
  create(name: string, mimeType: string, options: { readonly maxSegmentBytes?: number } = {}): TrickleChannel {
    const known = this.#channels.get(name)
    if (known) return known
    if (!NAME.test(name))
      throw new MillraceError('bad_channel_name', 'the name of a channel has letters, digits and _ . ~ - only')
    if (this.#channels.size >= this.#options.maxChannels)
      throw new MillraceError('too_many_channels', `there are ${this.#options.maxChannels} channels already`, {
        retryable: true,
      })
    const channel = new TrickleChannel({ name, mimeType, ...options }, { now: () => this.#clock.elapsed() })
    this.#channels.set(name, channel)
    this.#tellChange({ added: [name] })
    return channel
  }

  /** Ends a channel for those who write and read it; false when there was none. */
  close(name: string): boolean {
    const channel = this.#channels.get(name)
    if (!channel) return false
    channel.close()
    this.#channels.delete(name)
    this.#tellChange({ removed: [name] })
    return true
  }

  /** Writes a whole segment from within this process. */
  write(channel: TrickleChannel, data: Uint8Array): void {
    const segment = channel.toWrite(channel.nextWrite)
    channel.begun(segment)
    segment.write(data)
    segment.close()
  }

  /** Ends channels that nobody writes to any more; those of this server itself begin with an underscore and stay. */
  sweep(): void {
    for (const [name, channel] of this.#channels)
      if (!name.startsWith('_') && channel.idleMs > this.#options.idleMs) this.close(name)
  }

  /** Answers a request for a channel; false, and nothing done, for any other path. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const [path = ''] = (request.url ?? '').split('?', 1)
    if (!path.startsWith(this.basePath)) return false
    const [name = '', part, ...more] = path.slice(this.basePath.length).split('/')
    this.#answer(request, response, name, more.length > 0 ? '' : part).catch((error) => {
      this.#deps.log.debug('a trickle request failed', { error: errorText(error) })
      if (response.headersSent) return void response.destroy()
      const status = error instanceof TrickleRefusal ? error.status : 500
      refuse(response, status, error instanceof MillraceError ? error.message : 'Server error')
    })
    return true
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    part: string | undefined,
  ): Promise<void> {
    if (!NAME.test(name)) throw new TrickleRefusal(400, 'Invalid stream')
    const { method = '' } = request
    if (part === undefined) {
      if (method === 'POST') return this.#create(request, response, name)
      if (method === 'DELETE') return this.#delete(request, response, name)
      throw new TrickleRefusal(405, 'Method not allowed')
    }
    if (method === 'POST') return this.#publish(request, response, name, part)
    if (method === 'GET') return this.#subscribe(request, response, name, part)
    if (method === 'DELETE') return this.#closeSegment(request, response, name, part)
    throw new TrickleRefusal(405, 'Method not allowed')
  }

  async #create(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    await this.#allow('create', name, request)
    if (!this.#find(name, request.headers[TRICKLE_HEADER.expectContent])) throw new TrickleRefusal(404, NOT_FOUND)
    response.end()
  }

  async #delete(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    await this.#allow('delete', name, request)
    if (!this.close(name)) throw new TrickleRefusal(400, 'Invalid stream')
    response.end()
  }

  async #publish(request: IncomingMessage, response: ServerResponse, name: string, part: string): Promise<void> {
    await this.#allow('publish', name, request)
    const channel = this.#find(name, request.headers['content-type'])
    if (!channel) {
      // Wakes up publishers that are connected and wait.
      response.setHeader('connection', 'close')
      throw new TrickleRefusal(404, NOT_FOUND)
    }
    const segment = channel.toWrite(numberOf(part, -1))
    if (request.headers[TRICKLE_HEADER.reset] !== undefined) channel.closeBefore(segment.seq)
    const { keepAliveMs, maxSegmentBytes } = this.#options
    const limit = channel.maxSegmentBytes ?? maxSegmentBytes
    await receiveSegment(request, response, { channel, segment, keepAliveMs, maxSegmentBytes: limit })
  }

  async #subscribe(request: IncomingMessage, response: ServerResponse, name: string, part: string): Promise<void> {
    await this.#allow('subscribe', name, request)
    const channel = this.#channels.get(name)
    if (!channel) throw new TrickleRefusal(404, NOT_FOUND)
    if (part === 'next') {
      response.setHeader(TRICKLE_HEADER.latest, channel.nextWrite)
      response.end(String(channel.nextWrite))
      return
    }
    const { seq, segment } = channel.toRead(numberOf(part, -2))
    if (segment) return sendSegment(request, response, { channel, segment, stallMs: this.#options.readerStallMs })
    response.setHeader(TRICKLE_HEADER.latest, channel.nextWrite)
    response.setHeader(TRICKLE_HEADER.seq, seq)
    refuse(response, STATUS_NO_SEGMENT, 'Entry not found')
  }

  async #closeSegment(request: IncomingMessage, response: ServerResponse, name: string, part: string): Promise<void> {
    await this.#allow('delete', name, request)
    const channel = this.#channels.get(name)
    if (!channel) throw new TrickleRefusal(404, NOT_FOUND)
    const segment = channel.get(numberOf(part, 0))
    if (!segment) throw new TrickleRefusal(400, 'Nonexistent segment')
    segment.close()
    response.end()
  }

  async #allow(action: TrickleAction, name: string, request: IncomingMessage): Promise<void> {
    await this.#deps.allow?.(action, name, request)
  }

  #find(name: string, mimeType: string | string[] | undefined): TrickleChannel | undefined {
    const known = this.#channels.get(name)
    if (known || !this.#options.autoCreate) return known
    return this.create(name, String(mimeType ?? ''))
  }

  #tellChange(change: { readonly added?: readonly string[]; readonly removed?: readonly string[] }): void {
    const feed = this.#channels.get(CHANGES)
    const [about] = [...(change.added ?? []), ...(change.removed ?? [])]
    if (feed && about !== CHANGES) this.write(feed, new TextEncoder().encode(JSON.stringify(change)))
  }
}

function numberOf(part: string, least: number): number {
  const seq = /^-?\d{1,15}$/.test(part) ? Number(part) : Number.NaN
  if (seq >= least) return seq
  throw new TrickleRefusal(400, 'Invalid idx')
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
