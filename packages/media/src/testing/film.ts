import { MillraceError } from '@millrace/base'
import type { Frame } from 'node-av/lib'
import type { Av } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { SourceAudioEncoder, SourceVideoEncoder } from '../source/av-encoder.ts'
import { AvDecoder } from '../transcode/av-decoder.ts'
import { AvRendition } from '../transcode/av-rendition.ts'
import { sourceFps } from '../transcode/av-transcoder.ts'
import { readInput } from '../transcode/input.ts'
import { type Size, scaledSize } from '../transcode/scaled-size.ts'
import { Scaler } from '../transcode/scaler.ts'
import type { FilmOptions, LieRequest } from './testing-messages.ts'

const ORIGIN = 90_000

export function makeFilm(av: Av, { chain, fps, seconds, segmentMs, bitrateBps }: FilmOptions): CodedFrame[] {
  const graph = new av.FilterGraph()
  graph.alloc()
  const frame = new av.Frame()
  frame.alloc()
  const audio = new SourceAudioEncoder(av, { bitrateBps: 96_000, origin: ORIGIN })
  const frames: CodedFrame[] = []
  let video: SourceVideoEncoder | undefined
  try {
    const parsed = graph.parsePtr(`${chain},format=yuv420p[out];[out]buffersink`)
    const ready = parsed < 0 ? parsed : graph.configSync()
    if (ready < 0) throw new MillraceError('bad_config', `FFmpeg does not take this chain: ${chain}`)
    const sink = graph.filters!.find((filter) => filter.filter?.name === 'buffersink')!
    const gopFrames = Math.round((fps * segmentMs) / 1_000)
    for (let i = 0; i < Math.round(fps * seconds) && sink.buffersinkGetFrameSync(frame) >= 0; i++) {
      const { width, height } = frame
      video ??= new SourceVideoEncoder(av, { width, height, fps, bitrateBps, preset: 'veryfast', gopFrames })
      frame.pts = BigInt(ORIGIN + Math.round((i * 90_000) / fps))
      frame.pictType = i % gopFrames === 0 ? av.constants.AV_PICTURE_TYPE_I : av.constants.AV_PICTURE_TYPE_NONE
      frames.push(...video.encodeFrame(frame))
      frame.unref()
      while (audio.seconds < (i + 1) / fps) frames.push(...audio.encode(sweep(audio.seconds)))
    }
    frames.push(...(video?.encodeFrame(null) ?? []), ...audio.encodeFrame(null))
  } finally {
    video?.close()
    audio.close()
    frame.free()
    graph.free()
  }
  return frames.sort((a, b) => a.dts - b.dts)
}

/** A tone that is never the same again, so that no two coded frames are. */
function sweep(from: number): Float32Array {
  const out = new Float32Array(SourceAudioEncoder.frameSamples)
  for (let i = 0; i < out.length; i++) {
    const at = from + i / SourceAudioEncoder.rate
    out[i] = 0.2 * Math.sin(2 * Math.PI * (200 * at + 40 * at * at))
  }
  return out
}

export function makeLie(av: Av, request: LieRequest): { frames: CodedFrame[]; width: number; height: number } {
  const { profile, preset, shrink } = request
  const inputs = request.sources.map((data) => readInput(av, data, 'mpegts'))
  const fps = sourceFps(inputs[0]!)
  const used = new Set(request.pictures.flatMap((picture) => (picture === 'black' ? [] : [picture.segment])))
  let size: Size | undefined
  let origin = 0
  const pictures = inputs.map((input, segment) => {
    if (segment > 0 && !used.has(segment)) return []
    const decoder = new AvDecoder(av, 1)
    const out: Buffer[] = []
    let down: Scaler | undefined
    let up: Scaler | undefined
    for (const frame of decoder.decode(input)) {
      if (!size) {
        size = scaledSize(profile, frame)
        origin = Number(frame.bestEffortTimestamp)
      }
      let picture: Frame = frame
      if (shrink !== undefined) {
        const side = (length: number) => Math.max(32, Math.round((length * shrink) / 2) * 2)
        down ??= new Scaler(av, frame, { width: side(size.width), height: side(size.height) })
        picture = down.scale(picture)
      }
      up ??= new Scaler(av, picture, size)
      out.push(up.scale(picture).toBuffer())
    }
    decoder.close()
    down?.free()
    up?.free()
    return out
  })
  const { width, height } = size!
  const black = Buffer.alloc((width * height * 3) / 2, 128).fill(16, 0, width * height)
  const rendition = new AvRendition(av, { ...profile, fps: 0 }, { preset, threads: 1 })
  rendition.startSegment(size!, fps, { num: 0, den: 1 }, origin)
  const step = ((pictures[0]!.length / request.pictures.length) * 90_000) / fps
  for (const [i, picture] of request.pictures.entries()) {
    const buffer = picture === 'black' ? black : pictures[picture.segment]![picture.index]!
    const pts = origin + Math.round(i * step)
    const format = av.constants.AV_PIX_FMT_YUV420P
    const frame = av.Frame.fromVideoBuffer(buffer, { width, height, format, pts: BigInt(pts) })
    rendition.encode(frame, pts)
    frame.free()
  }
  return { frames: rendition.finish(), width, height }
}
