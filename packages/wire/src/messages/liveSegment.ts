import { concatBytes, utf8 } from '@millrace/base'
import { MAX_HEADER_LENGTH, MAX_PROFILES } from '../limits.ts'
import { WireError } from '../wire-error.ts'

/**
 * What goes to and fro over the body of a live segment's request, a Millrace extension: each message is its kind in one byte,
 * the length of what follows in four, and that. Up go `media` and then `close`, back come `init`, `part` and then `result`.
 */
export type LiveMessage =
  /** Bytes of the segment, an MPEG transport stream; whole PES packets, so that the last picture needs no successor to be read. */
  | { readonly kind: 'media'; readonly bytes: Uint8Array }
  /** The segment is complete; its header as in Livepeer-Segment, with hash and signature. Empty on the way to a worker. */
  | { readonly kind: 'close'; readonly header: string }
  /** The initialisation segment of a rendition's next parts. */
  | { readonly kind: 'init'; readonly rendition: number; readonly bytes: Uint8Array }
  | ({ readonly kind: 'part' } & LivePart)
  /** A TranscodeResult, on the way to a gateway. */
  | { readonly kind: 'result'; readonly bytes: Uint8Array }
  /** The pixels that were decoded, or why there is no result, on the way from a worker. */
  | { readonly kind: 'done'; readonly decodedPixels: bigint }
  | { readonly kind: 'failed'; readonly text: string }

/** A CMAF chunk of one rendition, with pictures only. */
export type LivePart = {
  /** Index into the segment's profiles. */
  readonly rendition: number
  readonly independent: boolean
  readonly frames: number
  /** Of the first picture, in 1/90,000 s. */
  readonly pts: number
  /** In 1/90,000 s. */
  readonly duration: number
  readonly pixels: bigint
  readonly bytes: Uint8Array
}

const KIND = { media: 1, close: 2, init: 17, part: 18, result: 19, done: 20, failed: 21 } as const
const HEAD = 5
const PART_HEAD = 1 + 1 + 2 + 8 + 4 + 8
/** A picture of 8192 by 4320 at the highest rates stays below it. */
export const MAX_LIVE_MESSAGE_BYTES = 16 << 20
const MAX_TEXT_BYTES = 4_096

/** Throws `message_too_large`, and `number_out_of_range` for a rendition, count or time that does not fit. */
export function encodeLiveMessage(message: LiveMessage): Uint8Array {
  const payload = payloadOf(message)
  if (payload.length > MAX_LIVE_MESSAGE_BYTES) throw tooLarge(payload.length)
  const head = new Uint8Array(HEAD)
  head[0] = KIND[message.kind]
  new DataView(head.buffer).setUint32(1, payload.length)
  return concatBytes(head, payload)
}

/** Reads messages as their bytes arrive. It holds at most one unfinished message. */
export class LiveMessageReader {
  #chunks: Uint8Array[] = []
  #length = 0

  /** The messages that are complete with these bytes; throws `message_too_large`, `malformed_message` or `number_out_of_range`. */
  push(bytes: Uint8Array): LiveMessage[] {
    this.#chunks.push(bytes)
    this.#length += bytes.length
    const messages: LiveMessage[] = []
    for (;;) {
      const head = this.#peek()
      if (!head) return messages
      const view = new DataView(head.buffer, head.byteOffset, HEAD)
      const length = view.getUint32(1)
      if (length > MAX_LIVE_MESSAGE_BYTES) throw tooLarge(length)
      if (this.#length < HEAD + length) return messages
      const whole = this.#take(HEAD + length)
      messages.push(readMessage(whole[0]!, whole.subarray(HEAD)))
    }
  }

  /** True in the middle of a message. */
  get unfinished(): boolean {
    return this.#length > 0
  }

  #peek(): Uint8Array | undefined {
    if (this.#length < HEAD) return undefined
    if (this.#chunks[0]!.length < HEAD) this.#chunks = [concatBytes(...this.#chunks)]
    return this.#chunks[0]
  }

  #take(length: number): Uint8Array {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : concatBytes(...this.#chunks)
    this.#length -= length
    this.#chunks = this.#length > 0 ? [all.subarray(length)] : []
    return all.subarray(0, length)
  }
}

function payloadOf(message: LiveMessage): Uint8Array {
  switch (message.kind) {
    case 'media':
    case 'result':
      return message.bytes
    case 'close':
      return utf8(message.header)
    case 'failed':
      return utf8(message.text).subarray(0, MAX_TEXT_BYTES)
    case 'init':
      return concatBytes(Uint8Array.of(checkRendition(message.rendition)), message.bytes)
    case 'done': {
      const out = new Uint8Array(8)
      new DataView(out.buffer).setBigUint64(0, checkUint64(message.decodedPixels))
      return out
    }
    case 'part': {
      const out = new Uint8Array(PART_HEAD + message.bytes.length)
      const view = new DataView(out.buffer)
      view.setUint8(0, checkRendition(message.rendition))
      view.setUint8(1, message.independent ? 1 : 0)
      view.setUint16(2, checkNumber(message.frames, 0xffff))
      view.setBigInt64(4, BigInt(checkNumber(message.pts, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)))
      view.setUint32(12, checkNumber(message.duration, 0xffffffff))
      view.setBigUint64(16, checkUint64(message.pixels))
      out.set(message.bytes, PART_HEAD)
      return out
    }
  }
}

function readMessage(kind: number, payload: Uint8Array): LiveMessage {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const need = (length: number, most = MAX_LIVE_MESSAGE_BYTES) => {
    if (payload.length < length || payload.length > most) throw malformed(`${payload.length} bytes in kind ${kind}`)
  }
  switch (kind) {
    case KIND.media:
      return { kind: 'media', bytes: payload }
    case KIND.result:
      return { kind: 'result', bytes: payload }
    case KIND.close:
      need(0, MAX_HEADER_LENGTH)
      return { kind: 'close', header: textOf(payload) }
    case KIND.failed:
      need(0, MAX_TEXT_BYTES)
      return { kind: 'failed', text: textOf(payload) }
    case KIND.init:
      need(1)
      return { kind: 'init', rendition: checkRendition(payload[0]!), bytes: payload.subarray(1) }
    case KIND.done:
      need(8, 8)
      return { kind: 'done', decodedPixels: view.getBigUint64(0) }
    case KIND.part:
      need(PART_HEAD)
      return {
        kind: 'part',
        rendition: checkRendition(view.getUint8(0)),
        independent: (view.getUint8(1) & 1) === 1,
        frames: view.getUint16(2),
        pts: checkNumber(Number(view.getBigInt64(4)), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
        duration: view.getUint32(12),
        pixels: view.getBigUint64(16),
        bytes: payload.subarray(PART_HEAD),
      }
    default:
      throw malformed(`kind ${kind} is unknown`)
  }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function checkRendition(index: number): number {
  return checkNumber(index, MAX_PROFILES - 1)
}

function checkNumber(value: number, most: number, least = 0): number {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new WireError('number_out_of_range', `a number of a live segment must be ${least} to ${most}, got ${value}`)
  return value
}

function checkUint64(value: bigint): bigint {
  if (value < 0n || value >> 64n)
    throw new WireError('number_out_of_range', `a count of pixels must fit into 64 bits, got ${value}`)
  return value
}

const malformed = (what: string): WireError =>
  new WireError('malformed_message', `the bytes are not a message of a live segment: ${what}`)

const tooLarge = (length: number): WireError =>
  new WireError(
    'message_too_large',
    `a message of a live segment has ${length} bytes, at most ${MAX_LIVE_MESSAGE_BYTES}`,
  )
