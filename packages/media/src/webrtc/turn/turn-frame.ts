import { MillraceError } from '@millrace/base'
import { padding } from './stun-message.ts'

/** Data on a channel (RFC 8656, section 12.4): four bytes before a packet in place of a whole message. */
export type ChannelData = { readonly channel: number; readonly data: Uint8Array }

export const FIRST_CHANNEL = 0x4000
export const LAST_CHANNEL = 0x4fff
const HEADER_BYTES = 4
const STUN_HEADER_BYTES = 20

/** Over TCP it is padded to four bytes, since nothing else tells where the next one begins. */
export function encodeChannelData({ channel, data }: ChannelData, options: { readonly padded: boolean }): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES + data.length + (options.padded ? padding(data.length) : 0))
  bytes.writeUInt16BE(channel, 0)
  bytes.writeUInt16BE(data.length, 2)
  bytes.set(data, HEADER_BYTES)
  return bytes
}

/** Throws `bad_stun` for what is no data of a channel. */
export function decodeChannelData(bytes: Uint8Array): ChannelData {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < HEADER_BYTES) throw bad('half a header')
  const channel = view.readUInt16BE(0)
  const size = view.readUInt16BE(2)
  if (channel < FIRST_CHANNEL || channel > LAST_CHANNEL) throw bad('no channel')
  if (HEADER_BYTES + size > view.length) throw bad('an end that is missing')
  return { channel, data: view.subarray(HEADER_BYTES, HEADER_BYTES + size) }
}

/** True for what can be nothing but data of a channel; messages begin with two zero bits. */
export const isChannelData = (bytes: Uint8Array): boolean => (bytes[0]! & 0xc0) === 0x40

/** Cuts a byte stream (TCP, TLS) into messages and data of channels. */
export class TurnFrames {
  #rest: Buffer = Buffer.alloc(0)

  /** The frames that are whole by now; throws `bad_stun` for what begins no frame, after which the connection is of no use. */
  push(bytes: Uint8Array): Uint8Array[] {
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes])
    const frames: Uint8Array[] = []
    for (;;) {
      const size = sizeOf(this.#rest)
      if (size === undefined || this.#rest.length < size.padded) return frames
      frames.push(this.#rest.subarray(0, size.bytes))
      this.#rest = this.#rest.subarray(size.padded)
    }
  }
}

/** How long the frame is that begins here; undefined until that can be said. A length is two bytes, so no frame is larger than 64 KB. */
function sizeOf(bytes: Buffer): { readonly bytes: number; readonly padded: number } | undefined {
  if (bytes.length === 0) return undefined
  const top = bytes[0]! & 0xc0
  if (top === 0x80 || top === 0xc0) throw bad('no frame')
  if (bytes.length < HEADER_BYTES) return undefined
  const size = bytes.readUInt16BE(2)
  if (top === 0x40) return { bytes: HEADER_BYTES + size, padded: HEADER_BYTES + size + padding(size) }
  if (size % 4 !== 0) throw bad('a wrong length')
  return { bytes: STUN_HEADER_BYTES + size, padded: STUN_HEADER_BYTES + size }
}

const bad = (what: string): MillraceError => new MillraceError('bad_stun', `no data of a channel: ${what}`)
