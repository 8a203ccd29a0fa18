import { type AvcConfig, decodeAvcConfig } from '../../h264/avcc.ts'
import { BadMediaError } from '../../h264/errors.ts'
import { joinAnnexB, NAL, nalType, splitLengthPrefixed } from '../../h264/nal.ts'
import { parseSps } from '../../h264/sps.ts'
import type { CodedFrame, FrameCodec } from '../../segment/segment.ts'
import { decodeAudioConfig } from '../../ts/adts.ts'
import { type EnhancedPacket, isEnhancedAudio, readEnhancedAudio, readEnhancedVideo } from './enhanced.ts'
import { EnhancedPictures, soundOf, unsupported } from './enhanced-frames.ts'

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
  #pictures: EnhancedPictures | undefined
  #soundConfig: { readonly fourcc: string; readonly data: Uint8Array } | undefined
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
    if (isEnhancedAudio(payload)) return this.#enhancedAudio(readEnhancedAudio(payload), timestamp)
    const codec = payload[0]! >> 4
    // FLV section E.4.2.1: 2 is MP3, 14 the same at 8 kHz.
    if (codec === 2 || codec === 14) return this.#sound('mp3', payload.subarray(1), timestamp)
    if (codec !== 10) throw unsupported(`FLV audio codec ${codec}`)
    return this.#aacPacket(payload[1]! === 0, payload.subarray(2), timestamp)
  }

  #aacPacket(isConfig: boolean, data: Buffer, timestamp: number): CodedFrame | undefined {
    if (isConfig) {
      if (!decodeAudioConfig(data)) throw new BadMediaError('bad_flv', 'the AAC configuration cannot be read')
      const same = this.#aac?.length === data.length && this.#aac.every((byte, i) => byte === data[i])
      if (!same) this.#aac = Uint8Array.from(data)
      return undefined
    }
    if (!this.#aac || data.length === 0) return this.#ignore()
    const pts = this.#unwrap(timestamp) * TICKS_PER_MS
    return { kind: 'audio', codec: 'aac', pts, dts: pts, keyFrame: true, data, config: this.#aac }
  }

  #sound(codec: FrameCodec, data: Buffer, timestamp: number, config?: Uint8Array): CodedFrame | undefined {
    if (data.length === 0) return this.#ignore()
    const pts = this.#unwrap(timestamp) * TICKS_PER_MS
    return { kind: 'audio', codec, pts, dts: pts, keyFrame: true, data, ...(config && { config }) }
  }

  #enhancedAudio(packet: EnhancedPacket | undefined, timestamp: number): CodedFrame | undefined {
    if (!packet) return this.#ignore()
    const { fourcc, kind, data } = packet
    if (fourcc === 'mp4a') return kind === 'other' ? undefined : this.#aacPacket(kind === 'config', data, timestamp)
    const codec = soundOf(fourcc)
    if (kind === 'config') this.#soundConfig = { fourcc, data: Uint8Array.from(data) }
    if (kind !== 'frame') return undefined
    const config = this.#soundConfig?.fourcc === fourcc ? this.#soundConfig.data : undefined
    return this.#sound(codec, data, timestamp, config)
  }

  #enhancedVideo(payload: Buffer, timestamp: number): CodedFrame | undefined {
    const packet = readEnhancedVideo(payload)
    if (!packet) return this.#ignore()
    const { fourcc, kind, compositionMs, data } = packet
    // H.264 may come under its four letters, too.
    if (fourcc === 'avc1')
      return kind === 'other' ? undefined : this.#avcPacket(kind === 'config' ? 0 : 1, compositionMs, data, timestamp)
    const next = new EnhancedPictures(fourcc)
    if (next.codec !== this.#pictures?.codec) {
      this.#pictures = next
      this.#sawKey = false
    }
    const pictures = this.#pictures
    if (kind === 'config') pictures.configure(data)
    if (kind !== 'frame') return undefined
    const isKey = ((payload[0]! >> 4) & 7) === 1
    const frame = pictures.frame(data, isKey)
    if (!frame || !(frame.keyFrame || this.#sawKey)) return this.#ignore()
    this.#sawKey = true
    const dts = this.#unwrap(timestamp) * TICKS_PER_MS
    return { kind: 'video', codec: pictures.codec, pts: dts + compositionMs * TICKS_PER_MS, dts, ...frame }
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
