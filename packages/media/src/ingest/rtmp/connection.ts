import type { Socket } from 'node:net'
import { errorText, type Log, MillraceError } from '@millrace/base'
import { type Publication, type PublicationEnd, PublicationFeed } from '../publication.ts'
import type { PublishAnswer, PublishRequest } from '../publish-request.ts'
import { type AmfValue, decodeAmf0, encodeAmf0 } from './amf0.ts'
import { type ChunkLimits, ChunkReader, encodeMessage, MESSAGE, type RtmpMessage } from './chunks.ts'
import { FlvReader } from './flv.ts'
import { answerHandshake, HANDSHAKE_SIZE } from './handshake.ts'

export type ConnectionOptions = ChunkLimits & { readonly handshakeTimeoutMs: number; readonly idleTimeoutMs: number }

export type ConnectionDeps = {
  readonly log: Log
  /** Decides and registers; resolves with a refusal when the name is taken. */
  onPublish(request: PublishRequest, connection: RtmpConnection): Promise<PublishAnswer>
  onPublication(publication: Publication): void
  onClose(connection: RtmpConnection): void
}

const WINDOW = 2_500_000
const OUT_CHUNK = 4096
const MAX_NAME = 512
const PUBLISH_STREAM = 1
/** What enhanced RTMP is told that we take. */
const FOURCCS = ['avc1', 'hvc1', 'av01', 'vp09', 'vp08', 'mp4a', 'Opus', 'fLaC', 'ac-3', 'ec-3', '.mp3']
/** A peer that makes us answer faster than it reads is cut off. */
const MAX_UNSENT = 256 * 1024
/** Messages of one connection that wait for the reader of the frames before the socket is paused. */
const PAUSE_AT = 64

/** One RTMP connection: handshake, commands, and at most one published stream. */
export class RtmpConnection {
  readonly remoteAddress: string
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #deps: ConnectionDeps
  readonly #chunks: ChunkReader
  readonly #flv = new FlvReader()
  #state: 'c0c1' | 'c2' | 'open' = 'c0c1'
  #early: Buffer[] = []
  #earlyBytes = 0
  #app = ''
  #received = 0
  #acknowledged = 0
  #window = WINDOW
  #feed: PublicationFeed | undefined
  #publishing = false
  #work: Promise<void> = Promise.resolve()
  #waiting = 0
  #closed = false
  #timer: NodeJS.Timeout

  constructor(socket: Socket, options: ConnectionOptions, deps: ConnectionDeps) {
    this.#socket = socket
    this.#options = options
    this.#deps = deps
    this.#chunks = new ChunkReader(options)
    this.remoteAddress = socket.remoteAddress ?? ''
    socket.setNoDelay(true)
    // A half-open connection shows by silence only: encoders send at least audio many times a second.
    socket.setTimeout(options.idleTimeoutMs, () => this.end({ reason: 'timeout' }))
    this.#timer = setTimeout(() => this.end({ reason: 'timeout' }), options.handshakeTimeoutMs)
    socket.on('data', (data: Buffer) => this.#onData(data))
    socket.on('error', () => this.end({ reason: 'disconnected' }))
    socket.on('close', () => this.end({ reason: 'disconnected' }))
    socket.on('end', () => this.#afterWork(() => this.end({ reason: 'disconnected' })))
  }

  /** Ends the publication, if there is one, and the connection; only the first call counts. */
  end(end: PublicationEnd): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    this.#early = []
    this.#feed?.end(end)
    this.#socket.destroy()
    this.#deps.onClose(this)
  }

  #fail(error: unknown): void {
    if (this.#closed) return
    const known =
      error instanceof MillraceError ? error : new MillraceError('rtmp_failed', errorText(error), { cause: error })
    this.#deps.log.warn('an RTMP connection was cut off', {
      remoteAddress: this.remoteAddress,
      code: known.code,
      reason: known.message,
    })
    this.end({ reason: 'failed', error: known })
  }

  #onData(data: Buffer): void {
    if (this.#closed) return
    try {
      this.#received += data.length
      if (this.#state !== 'open') return this.#handshake(data)
      this.#read(data)
    } catch (error) {
      this.#fail(error)
    }
  }

  #handshake(data: Buffer): void {
    this.#early.push(data)
    this.#earlyBytes += data.length
    if (this.#state === 'c0c1') {
      if (data.length > 0 && this.#early.length === 1 && data[0] !== 3 && data[0] !== 6)
        throw new MillraceError('bad_handshake', 'the client does not speak RTMP')
      if (this.#earlyBytes < 1 + HANDSHAKE_SIZE) return
      const all = Buffer.concat(this.#early)
      this.#send(answerHandshake(all))
      this.#early = [all.subarray(1 + HANDSHAKE_SIZE)]
      this.#earlyBytes = all.length - 1 - HANDSHAKE_SIZE
      this.#state = 'c2'
    }
    if (this.#earlyBytes < HANDSHAKE_SIZE) return
    const rest = Buffer.concat(this.#early).subarray(HANDSHAKE_SIZE)
    this.#early = []
    this.#state = 'open'
    if (rest.length > 0) this.#read(rest)
  }

  #read(data: Buffer): void {
    for (const message of this.#chunks.read(data)) {
      // Messages are handled in order, one after the other, because accepting a publisher may take a while.
      this.#waiting++
      if (this.#waiting >= PAUSE_AT) this.#socket.pause()
      this.#work = this.#work
        .then(() => (this.#closed ? undefined : this.#message(message)))
        .catch((error) => this.#fail(error))
        .then(() => {
          this.#waiting--
          if (this.#waiting < PAUSE_AT / 2 && this.#socket.isPaused() && !this.#closed) this.#socket.resume()
        })
    }
    if (this.#received - this.#acknowledged >= this.#window) {
      this.#acknowledged = this.#received
      this.#control(MESSAGE.acknowledgement, this.#received % 2 ** 32)
    }
  }

  #afterWork(then: () => void): void {
    this.#work = this.#work.then(then)
  }

  async #message(message: RtmpMessage): Promise<void> {
    switch (message.type) {
      case MESSAGE.windowAckSize:
        // Half of the peer's window, so that a sender never waits for us.
        if (message.payload.length >= 4) this.#window = Math.max(4096, message.payload.readUInt32BE(0) >> 1)
        return
      case MESSAGE.video:
      case MESSAGE.audio: {
        const feed = this.#feed
        if (!feed) return
        const { payload, timestamp } = message
        const frame =
          message.type === MESSAGE.video ? this.#flv.video(payload, timestamp) : this.#flv.audio(payload, timestamp)
        if (frame) {
          // While the reader is behind, silence of the socket is our doing.
          if (feed.waiting > 256) this.#socket.setTimeout(0)
          await feed.write(frame)
          if (!this.#closed) this.#socket.setTimeout(this.#options.idleTimeoutMs)
        }
        return
      }
      case MESSAGE.command:
        return this.#command(decodeAmf0(message.payload))
      case MESSAGE.commandAmf3:
        // An AMF3 command is a format byte and, from every known encoder, AMF0 values.
        return this.#command(decodeAmf0(message.payload.subarray(1)))
      default:
        return
    }
  }

  async #command(values: AmfValue[]): Promise<void> {
    const [name, transaction, object, first] = values
    if (typeof name !== 'string') throw new MillraceError('bad_command', 'a command has no name')
    const id = typeof transaction === 'number' ? transaction : 0
    switch (name) {
      case 'connect':
        return this.#connect(id, object)
      case 'releaseStream':
      case 'FCPublish':
      case 'FCUnpublish':
        // Answered as Flash Media Server does; librtmp waits for none of them.
        this.#invoke(0, '_result', id, null, undefined)
        if (name === 'FCUnpublish') this.end({ reason: 'finished' })
        return
      case 'createStream':
        return this.#invoke(0, '_result', id, null, PUBLISH_STREAM)
      case 'publish':
        return this.#publish(typeof first === 'string' ? first : '')
      case 'deleteStream':
      case 'closeStream':
        if (this.#feed) this.end({ reason: 'finished' })
        return
      case 'play':
        this.#status('error', 'NetStream.Play.StreamNotFound', 'play over HLS: RTMP is for publishing here')
        return
      case '_checkbw':
        return this.#invoke(0, '_result', id, null, undefined)
      default:
        return
    }
  }

  #connect(id: number, object: AmfValue): void {
    const app = object && typeof object === 'object' && !Array.isArray(object) ? object.app : ''
    this.#app = trimSlashes(typeof app === 'string' ? app.split('?')[0]! : '')
    if (this.#app.length > MAX_NAME) throw new MillraceError('bad_command', 'the application name is too long')
    this.#control(MESSAGE.windowAckSize, WINDOW)
    const bandwidth = Buffer.alloc(5)
    bandwidth.writeUInt32BE(WINDOW)
    bandwidth[4] = 2
    this.#send(encodeMessage({ type: MESSAGE.setPeerBandwidth, streamId: 0, payload: bandwidth }, 2, 128))
    this.#control(MESSAGE.setChunkSize, OUT_CHUNK)
    this.#invoke(
      0,
      '_result',
      id,
      { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1, fourCcList: FOURCCS },
      { level: 'status', code: 'NetConnection.Connect.Success', description: 'connected', objectEncoding: 0 },
    )
  }

  async #publish(target: string): Promise<void> {
    if (this.#publishing) throw new MillraceError('bad_command', 'a second stream on one connection is not taken')
    if (target.length > MAX_NAME) throw new MillraceError('bad_command', 'the stream name is too long')
    this.#publishing = true
    const question = target.indexOf('?')
    const name = trimSlashes(question < 0 ? target : target.slice(0, question))
    const query = question < 0 ? '' : target.slice(question + 1)
    const request = { kind: 'rtmp', app: this.#app, name, query, remoteAddress: this.remoteAddress } as const
    const answer = await this.#deps.onPublish(request, this)
    if (this.#closed) return
    clearTimeout(this.#timer)
    if (!answer.accept) {
      this.#status('error', 'NetStream.Publish.BadName', answer.reason)
      return this.#refuse()
    }
    const feed = new PublicationFeed(
      { kind: 'rtmp', app: this.#app, name, remoteAddress: this.remoteAddress },
      { onClose: () => this.end({ reason: 'closed' }) },
    )
    this.#feed = feed
    this.#send(
      encodeMessage(
        { type: MESSAGE.userControl, streamId: 0, payload: Buffer.of(0, 0, 0, 0, 0, PUBLISH_STREAM) },
        2,
        128,
      ),
    )
    this.#status('status', 'NetStream.Publish.Start', 'publishing')
    this.#deps.onPublication(feed.publication)
  }

  /** Lets the answer reach the client before the connection goes. */
  #refuse(): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroySoon()
    setTimeout(() => this.#socket.destroy(), 1_000).unref()
    this.#deps.onClose(this)
  }

  #status(level: 'status' | 'error', code: string, description: string): void {
    this.#invoke(PUBLISH_STREAM, 'onStatus', 0, null, { level, code, description })
  }

  #invoke(streamId: number, ...values: AmfValue[]): void {
    this.#send(encodeMessage({ type: MESSAGE.command, streamId, payload: encodeAmf0(...values) }, 3, OUT_CHUNK))
  }

  #control(type: number, value: number): void {
    const payload = Buffer.alloc(4)
    payload.writeUInt32BE(value)
    this.#send(encodeMessage({ type, streamId: 0, payload }, 2, 128))
  }

  #send(bytes: Buffer): void {
    if (this.#closed) return
    this.#socket.write(bytes)
    if (this.#socket.writableLength > MAX_UNSENT)
      throw new MillraceError('slow_peer', 'the client does not read our answers')
  }
}

const trimSlashes = (text: string): string => text.replace(/^\/+|\/+$/g, '')
