import { MillraceError } from '@millrace/base'
import type { Av } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { SourceVideoEncoder } from '../source/av-encoder.ts'
import { AvDecoder } from '../transcode/av-decoder.ts'
import { Scaler } from '../transcode/scaler.ts'

/** Encoding again loses something; a higher rate keeps that out of sight. */
const RATE_FACTOR = 1.5
const MIN_BITRATE_BPS = 200_000

/**
 * The pictures and the sound between two moments, exactly: pictures are decoded and encoded again.
 * `batches` begin with a key frame at or before the beginning; the moments are times of the frames in ticks.
 */
export async function* exactFrames(
  av: Av,
  batches: AsyncIterable<readonly CodedFrame[]>,
  range: () => { readonly fromTicks: number; readonly toTicks: number },
): AsyncGenerator<readonly CodedFrame[]> {
  const decoder = new AvDecoder(av, 1)
  let encoder: SourceVideoEncoder | undefined
  let scaler: Scaler | undefined
  let began = false
  let bitrateBps = MIN_BITRATE_BPS
  const encode = (frame: Parameters<SourceVideoEncoder['encodeFrame']>[0] & object): CodedFrame[] => {
    const pts = Number(frame.bestEffortTimestamp)
    if (pts < range().fromTicks || pts >= range().toTicks) return []
    const { width, height } = frame
    encoder ??= new SourceVideoEncoder(av, { width, height, fps: 30, bitrateBps, preset: 'veryfast', gopFrames: 60 })
    scaler ??= new Scaler(av, frame, { width, height })
    const picture = scaler.scale(frame).toBuffer()
    return encoder.encode(picture, pts, false)
  }
  try {
    for await (const frames of batches) {
      const pictures = frames.filter(({ kind }) => kind === 'video')
      const out = frames.filter(
        ({ kind, pts }) => kind === 'audio' && pts >= range().fromTicks && pts < range().toTicks,
      )
      if (!began && pictures.length > 0) {
        began = true
        const codec = pictures[0]?.codec
        if (codec !== 'h264')
          throw new MillraceError('unsupported_codec', `MP4 files are written of H.264, not ${codec}`)
        bitrateBps = Math.max(MIN_BITRATE_BPS, Math.round(rateOf(pictures) * RATE_FACTOR))
        decoder.start({ codecId: av.constants.AV_CODEC_ID_H264, extradata: undefined })
      }
      for (const picture of pictures) for (const frame of decoder.push(picture)) out.push(...encode(frame))
      if (out.length > 0) yield out.sort((a, b) => a.dts - b.dts)
    }
    if (!began) return
    const rest: CodedFrame[] = []
    for (const frame of decoder.drain()) rest.push(...encode(frame))
    if (encoder) rest.push(...encoder.encodeFrame(null))
    if (rest.length > 0) yield rest
  } finally {
    decoder.close()
    encoder?.close()
    scaler?.free()
  }
}

function rateOf(pictures: readonly CodedFrame[]): number {
  const ticks = (pictures.at(-1)?.dts ?? 0) - (pictures[0]?.dts ?? 0)
  const bytes = pictures.reduce((sum, { data }) => sum + data.length, 0)
  return ticks > 0 ? (bytes * 8 * 90_000) / ticks : 0
}
