import { MillraceError } from '@millrace/base'

/** What comes in a message of enhanced RTMP (Veovera's specification v2). */
export type EnhancedPacket = {
  readonly fourcc: string
  readonly kind: 'config' | 'frame' | 'other'
  /** Presentation minus decoding time; only H.264 and HEVC have one. */
  readonly compositionMs: number
  readonly data: Buffer
}

const PACKET = { sequenceStart: 0, codedFrames: 1, codedFramesX: 3, videoMultitrack: 6, audioMultitrack: 5, modEx: 7 }

/** True for an audio message with the header of enhanced RTMP (sound format 9). */
export const isEnhancedAudio = (payload: Buffer): boolean => payload[0]! >> 4 === 9

/** Reads a video message whose first bit says that it is enhanced; undefined when it is cut off. Throws `multitrack_not_taken`. */
export function readEnhancedVideo(payload: Buffer): EnhancedPacket | undefined {
  const packet = afterModifiers(payload)
  if (!packet) return undefined
  const { type, rest } = unwrapTrack(packet, PACKET.videoMultitrack) ?? {}
  if (type === undefined || !rest || rest.length < 4) return undefined
  const fourcc = rest.toString('latin1', 0, 4)
  const body = rest.subarray(4)
  // Section "ExVideoTagHeader": frame type 5 carries commands, no pictures.
  const isCommand = ((payload[0]! >> 4) & 7) === 5
  if (isCommand) return { fourcc, kind: 'other', compositionMs: 0, data: body }
  if (type === PACKET.sequenceStart) return { fourcc, kind: 'config', compositionMs: 0, data: body }
  if (type === PACKET.codedFramesX) return { fourcc, kind: 'frame', compositionMs: 0, data: body }
  if (type !== PACKET.codedFrames) return { fourcc, kind: 'other', compositionMs: 0, data: body }
  if (fourcc !== 'avc1' && fourcc !== 'hvc1') return { fourcc, kind: 'frame', compositionMs: 0, data: body }
  if (body.length < 3) return undefined
  return { fourcc, kind: 'frame', compositionMs: body.readIntBE(0, 3), data: body.subarray(3) }
}

/** The same for an audio message. */
export function readEnhancedAudio(payload: Buffer): EnhancedPacket | undefined {
  const packet = afterModifiers(payload)
  if (!packet) return undefined
  const { type, rest } = unwrapTrack(packet, PACKET.audioMultitrack) ?? {}
  if (type === undefined || !rest || rest.length < 4) return undefined
  const kind = type === PACKET.sequenceStart ? 'config' : type === PACKET.codedFrames ? 'frame' : 'other'
  return { fourcc: rest.toString('latin1', 0, 4), kind, compositionMs: 0, data: rest.subarray(4) }
}

type Packet = { readonly type: number; readonly rest: Buffer }

/** Steps over the extensions that may stand before a packet, such as nanoseconds of its time. */
function afterModifiers(payload: Buffer): Packet | undefined {
  let type = payload[0]! & 15
  let at = 1
  while (type === PACKET.modEx) {
    if (at + 1 > payload.length) return undefined
    let size = payload[at++]! + 1
    if (size === 256) {
      if (at + 2 > payload.length) return undefined
      size = payload.readUInt16BE(at) + 1
      at += 2
    }
    at += size
    if (at + 1 > payload.length) return undefined
    type = payload[at++]! & 15
  }
  return { type, rest: payload.subarray(at) }
}

/** One track alone may come in the packing of several; throws when there are others. */
function unwrapTrack({ type, rest }: Packet, multitrack: number): Packet | undefined {
  if (type !== multitrack) return { type, rest }
  if (rest.length < 6) return undefined
  const layout = rest[0]! >> 4
  const track = rest[5]!
  if (layout !== 0 || track !== 0)
    throw new MillraceError(
      'multitrack_not_taken',
      'a stream over RTMP has one picture and one sound here: switch off further tracks in the encoder',
    )
  return { type: rest[0]! & 15, rest: Buffer.concat([rest.subarray(1, 5), rest.subarray(6)]) }
}
