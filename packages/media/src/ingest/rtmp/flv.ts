import { MillraceError } from '@millrace/base'
import { type AvcConfig, decodeAvcConfig } from '../../h264/avcc.ts'
import { BadMediaError } from '../../h264/errors.ts'
import { joinAnnexB, NAL, nalType, splitLengthPrefixed } from '../../h264/nal.ts'
import { parseSps } from '../../h264/sps.ts'
import type { CodedFrame } from '../../segment/segment.ts'
import { decodeAudioConfig } from '../../ts/adts.ts'

const TICKS_PER_MS = 90
/** Milliseconds of RTMP count modulo 2^32. */
const WRAP_MS = 2 ** 32

/**
 * Turns the audio and video messages of one RTMP stream into coded frames (FLV specification section E.4).
 * Frames before their configuration, and video before the first key frame, are dropped; throws `bad_flv` or `unsupported_codec`.
 */
export class FlvReader {
  #avc: AvcConfig | undefined
  #parameterSets: readonly Uint8Array[] = []
  #aac: Uint8Array | undefined
  #sawKey = false
  #lastMs: number | undefined
  #ignored = 0

  /** The number of messages that could not be used. */
  get ignored(): number {
    return this.#ignored
  }

  video(payload: Buffer, timestamp: number): CodedFrame | undefined {
    if (payload.length < 2) return this.#ignore()
    const head = payload[0]!
    if (head & 0x80) return this.#enhancedVideo(payload, timestamp)
    const codec = head & 15
    if (codec !== 7) throw unsupported(`FLV video codec ${codec}`)
    if (payload.length < 5) return this.#ignore()
    return this.#avcPacket(payload[1]!, payload.readIntBE(2, 3), payload.subarray(5), timestamp)
  }

  audio(payload: Buffer, timestamp: number): CodedFrame | undefined {
    if (payload.length < 2) return this.#ignore()
    const codec = payload[0]! >> 4
    if (codec !== 10) throw unsupported(codec === 2 ? 'MP3 audio' : `FLV audio codec ${codec}`)
    const data = payload.subarray(2)
    if (payload[1] === 0) {
      if (!decodeAudioConfig(data)) throw new BadMediaError('bad_flv', 'the AAC configuration cannot be read')
      const same = this.#aac?.length === data.length && this.#aac.every((byte, i) => byte === data[i])
      if (!same) this.#aac = Uint8Array.from(data)
      return undefined
    }
    if (!this.#aac || data.length === 0) return this.#ignore()
    const pts = this.#unwrap(timestamp) * TICKS_PER_MS
    return { kind: 'audio', codec: 'aac', pts, dts: pts, keyFrame: true, data, config: this.#aac }
  }

  /** Enhanced RTMP, section "ExVideoTagHeader": H.264 may come under its four letters, too. */
  #enhancedVideo(payload: Buffer, timestamp: number): CodedFrame | undefined {
    const packetType = payload[0]! & 15
    if (payload.length < 5) return this.#ignore()
    const fourcc = payload.toString('latin1', 1, 5)
    if (fourcc !== 'avc1') throw unsupported(`video codec ${/^[a-zA-Z0-9 .-]{4}$/.test(fourcc) ? fourcc : 'unknown'}`)
    if (packetType === 0) return this.#avcPacket(0, 0, payload.subarray(5), timestamp)
    if (packetType === 1) {
      if (payload.length < 8) return this.#ignore()
      return this.#avcPacket(1, payload.readIntBE(5, 3), payload.subarray(8), timestamp)
    }
    if (packetType === 3) return this.#avcPacket(1, 0, payload.subarray(5), timestamp)
    return this.#ignore()
  }

  #avcPacket(type: number, compositionMs: number, data: Buffer, timestamp: number): CodedFrame | undefined {
    if (type === 0) {
      this.#avc = decodeAvcConfig(data)
      for (const sps of this.#avc.sps) parseSps(sps)
      this.#parameterSets = [...this.#avc.sps, ...this.#avc.pps]
      return undefined
    }
    if (type !== 1 || !this.#avc) return this.#ignore()
    const nals: Uint8Array[] = []
    let key = false
    let inBand = false
    let slices = 0
    for (const nal of splitLengthPrefixed(data, this.#avc.lengthSize)) {
      const kind = nalType(nal)
      if (kind === NAL.aud) continue
      if (kind === NAL.sps) {
        parseSps(nal)
        inBand = true
      }
      if (kind === NAL.idr) key = true
      if (kind >= NAL.slice && kind <= NAL.idr) slices++
      nals.push(nal)
    }
    if (slices === 0) return this.#ignore()
    if (key) this.#sawKey = true
    else if (!this.#sawKey) return this.#ignore()
    const dtsMs = this.#unwrap(timestamp)
    return {
      kind: 'video',
      codec: 'h264',
      pts: (dtsMs + compositionMs) * TICKS_PER_MS,
      dts: dtsMs * TICKS_PER_MS,
      keyFrame: key,
      data: joinAnnexB(key && !inBand ? [...this.#parameterSets, ...nals] : nals),
    }
  }

  /** The 32-bit clock of RTMP wraps after 49 days; audio and video share it. */
  #unwrap(timestamp: number): number {
    const near = this.#lastMs ?? timestamp
    const time = timestamp + Math.round((near - timestamp) / WRAP_MS) * WRAP_MS
    this.#lastMs = time
    return time
  }

  #ignore(): undefined {
    this.#ignored++
    return undefined
  }
}

const unsupported = (what: string) =>
  new MillraceError(
    'unsupported_codec',
    `${what} cannot be taken over RTMP: set the encoder to H.264 video and AAC audio`,
  )
