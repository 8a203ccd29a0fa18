import { MillraceError } from '@millrace/base'

/** Message types (RTMP specification sections 5.4, 6.2 and 7.1). */
export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const

export type RtmpMessage = {
  readonly type: number
  readonly streamId: number
  /** Milliseconds modulo 2^32. */
  readonly timestamp: number
  readonly payload: Buffer
}

type ChunkStream = {
  timestamp: number
  delta: number
  length: number
  type: number
  streamId: number
  extended: boolean
  /** The value of the extended field, which type 3 chunks may repeat. */
  extendedValue: number
  payload: Buffer | undefined
  filled: number
}

export type ChunkLimits = { readonly maxMessageBytes: number; readonly maxPendingBytes: number }

/** More streams than that have no use: encoders take four. */
const MAX_CHUNK_STREAMS = 64

/**
 * Puts chunks together to messages (section 5.3), as bytes arrive. Throws `bad_chunk`, `message_too_large` or `bad_chunk_size`;
 * the connection is of no use after that. Memory for a message grows with the bytes that arrived, not with the length it claims.
 */
export class ChunkReader {
  readonly #limits: ChunkLimits
  readonly #streams = new Map<number, ChunkStream>()
  #chunkSize = 128
  #rest: Buffer[] = []
  #restBytes = 0
  /** Bytes that must be there before it is worth looking again; keeps large chunks from being copied over and over. */
  #needed = 1
  #pending = 0

  constructor(limits: ChunkLimits) {
    this.#limits = limits
  }

  *read(bytes: Buffer): Generator<RtmpMessage> {
    this.#rest.push(bytes)
    this.#restBytes += bytes.length
    if (this.#restBytes < this.#needed) return
    let data = this.#rest.length > 1 ? Buffer.concat(this.#rest) : bytes
    for (;;) {
      this.#needed = 1
      const step = this.#chunk(data)
      if (step === undefined) break
      data = data.subarray(step.used)
      if (step.message) {
        // Protocol control messages act at once, because they change how the next chunk is read.
        this.#control(step.message)
        yield step.message
      }
    }
    this.#rest = data.length > 0 ? [Buffer.from(data)] : []
    this.#restBytes = data.length
  }

  #chunk(data: Buffer): { readonly used: number; readonly message?: RtmpMessage } | undefined {
    if (data.length < 1) return undefined
    const format = data[0]! >> 6
    let id = data[0]! & 63
    let at = 1
    if (id === 0) {
      if (data.length < 2) return undefined
      id = 64 + data[1]!
      at = 2
    } else if (id === 1) {
      if (data.length < 3) return undefined
      id = 64 + data[1]! + data[2]! * 256
      at = 3
    }
    const headerSize = format === 0 ? 11 : format === 1 ? 7 : format === 2 ? 3 : 0
    if (data.length < at + headerSize) return undefined
    const known = this.#streams.get(id)
    if (!known && format !== 0) {
      // Some encoders begin a stream with a type 1 chunk; types 2 and 3 would lack the length.
      if (format !== 1) throw new MillraceError('bad_chunk', `chunk stream ${id} begins without a message header`)
    }
    if (!known && this.#streams.size >= MAX_CHUNK_STREAMS)
      throw new MillraceError('bad_chunk', `more than ${MAX_CHUNK_STREAMS} chunk streams`)
    const time = headerSize > 0 ? data.readUIntBE(at, 3) : 0
    const extended = headerSize > 0 ? time === 0xffffff : known!.extended
    let bodyAt = at + headerSize
    let extendedTime = 0
    if (extended) {
      if (data.length < bodyAt + 4) return undefined
      extendedTime = data.readUInt32BE(bodyAt)
      // Section 5.3.1.3 repeats the extended time stamp in type 3 chunks, but some encoders leave it out inside a message.
      if (format !== 3 || extendedTime === known!.extendedValue || known!.payload === undefined) bodyAt += 4
    }
    const continued = known?.payload !== undefined
    const length = format <= 1 ? data.readUIntBE(at + 3, 3) : known!.length
    if (length > this.#limits.maxMessageBytes)
      throw new MillraceError(
        'message_too_large',
        `a message of ${length} bytes is larger than ${this.#limits.maxMessageBytes}`,
      )
    const filled = continued && format === 3 ? known!.filled : 0
    const take = Math.min(this.#chunkSize, length - filled)
    if (data.length < bodyAt + take) {
      this.#needed = bodyAt + take
      return undefined
    }

    const stream: ChunkStream = known ?? {
      timestamp: 0,
      delta: 0,
      length: 0,
      type: 0,
      streamId: 0,
      extended: false,
      extendedValue: 0,
      payload: undefined,
      filled: 0,
    }
    if (!known) this.#streams.set(id, stream)
    if (continued && format !== 3) this.#dropPayload(stream)
    if (headerSize > 0) {
      stream.extended = extended
      stream.extendedValue = extendedTime
      const value = extended ? extendedTime : time
      // After a type 0 chunk a message that begins with type 3 has the same time, as encoders and servers take it.
      stream.delta = format === 0 ? 0 : value
      stream.length = length
      if (format <= 1) stream.type = data[at + 6]!
      if (format === 0) {
        stream.streamId = data.readUInt32LE(at + 7)
        stream.timestamp = value
      } else stream.timestamp = (stream.timestamp + value) >>> 0
    } else if (!continued) {
      // A type 3 chunk that begins a message repeats the delta (section 5.3.1.2.4).
      stream.timestamp = (stream.timestamp + stream.delta) >>> 0
    }
    if (stream.payload === undefined) {
      stream.payload = Buffer.alloc(Math.min(length, 4096))
      stream.filled = 0
    }
    if (stream.payload.length < stream.filled + take) {
      const grown = Buffer.alloc(Math.min(length, Math.max(stream.filled + take, stream.payload.length * 2)))
      stream.payload.copy(grown, 0, 0, stream.filled)
      stream.payload = grown
    }
    data.copy(stream.payload, stream.filled, bodyAt, bodyAt + take)
    stream.filled += take
    this.#pending += take
    if (this.#pending > this.#limits.maxPendingBytes)
      throw new MillraceError('message_too_large', 'too many bytes wait in unfinished messages')
    const used = bodyAt + take
    if (stream.filled < length) return { used }
    const message = {
      type: stream.type,
      streamId: stream.streamId,
      timestamp: stream.timestamp,
      payload: stream.payload.subarray(0, length),
    }
    this.#dropPayload(stream)
    return { used, message }
  }

  #dropPayload(stream: ChunkStream): void {
    this.#pending -= stream.filled
    stream.payload = undefined
    stream.filled = 0
  }

  #control(message: RtmpMessage): void {
    if (message.type === MESSAGE.setChunkSize && message.payload.length >= 4) {
      const size = message.payload.readUInt32BE(0)
      // Section 5.4.1: 1 to 2^31-1; more than a message can hold makes no difference.
      if (size < 1 || size > 0x7fffffff)
        throw new MillraceError('bad_chunk_size', `a chunk size of ${size} is not allowed`)
      this.#chunkSize = Math.min(size, 0xffffff)
    } else if (message.type === MESSAGE.abort && message.payload.length >= 4) {
      const stream = this.#streams.get(message.payload.readUInt32BE(0))
      if (stream) this.#dropPayload(stream)
    }
  }
}

/** Writes one message in chunks of this size on a chunk stream. */
export function encodeMessage(
  message: {
    readonly type: number
    readonly streamId: number
    readonly timestamp?: number
    readonly payload: Uint8Array
  },
  chunkStreamId: number,
  chunkSize: number,
): Buffer {
  const timestamp = (message.timestamp ?? 0) >>> 0
  const extended = timestamp >= 0xffffff
  const head = Buffer.alloc(12 + (extended ? 4 : 0))
  head[0] = chunkStreamId
  head.writeUIntBE(extended ? 0xffffff : timestamp, 1, 3)
  head.writeUIntBE(message.payload.length, 4, 3)
  head[7] = message.type
  head.writeUInt32LE(message.streamId, 8)
  if (extended) head.writeUInt32BE(timestamp, 12)
  const parts: Uint8Array[] = [head]
  for (let at = 0; at < message.payload.length || at === 0; at += chunkSize) {
    if (at > 0) {
      const next = Buffer.alloc(1 + (extended ? 4 : 0))
      next[0] = 0xc0 | chunkStreamId
      if (extended) next.writeUInt32BE(timestamp, 1)
      parts.push(next)
    }
    parts.push(message.payload.subarray(at, at + chunkSize))
  }
  return Buffer.concat(parts)
}
