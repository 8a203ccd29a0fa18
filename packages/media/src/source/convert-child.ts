import { errorText, MillraceError } from '@millrace/base'
import type { AVCodecID } from 'node-av/constants'
import { type Av, loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import type { CodedFrame, FrameCodec } from '../segment/segment.ts'
import { AudioReader } from './audio-reader.ts'
import { type FromConverter, isCarried, type ToConverter } from './convert-messages.ts'
import { VideoReader } from './video-reader.ts'

// The process that decodes what a stream of the network cannot carry, and encodes it as H.264 and AAC.

let av: Promise<Av> | undefined
let queue: Promise<void> = Promise.resolve()
let video: { readonly codec: FrameCodec; readonly reader: VideoReader } | undefined
let audio:
  | { readonly codec: FrameCodec; readonly config: Uint8Array | undefined; readonly reader: AudioReader }
  | undefined

const send = becomeMediaChild<ToConverter>((message) => {
  queue = queue.then(() => handle(message)).catch(fail)
}) as (message: FromConverter) => void

async function handle(message: ToConverter): Promise<void> {
  if (message.type === 'end') return send({ type: 'frames', frames: drain(), last: true })
  const { frame } = message
  if (isCarried(frame)) return send({ type: 'frames', frames: [frame], last: false })
  av ??= loadAv().catch((error) => {
    throw new MillraceError('no_media_engine', errorText(error))
  })
  send({ type: 'frames', frames: convert(await av, frame), last: false })
}

function convert(lib: Av, frame: CodedFrame): CodedFrame[] {
  const before: CodedFrame[] = []
  if (frame.kind === 'video' && video?.codec !== frame.codec) {
    before.push(...(video?.reader.drain() ?? []))
    video?.reader.close()
    video = { codec: frame.codec, reader: new VideoReader(lib, trackOf(lib, frame)) }
  }
  if (frame.kind === 'audio' && (audio?.codec !== frame.codec || audio.config !== frame.config)) {
    const changed = audio?.codec !== frame.codec || !sameBytes(audio.config, frame.config)
    if (changed) {
      before.push(...(audio?.reader.drain() ?? []))
      audio?.reader.close()
      audio = { codec: frame.codec, config: frame.config, reader: new AudioReader(lib, trackOf(lib, frame)) }
    }
  }
  const packet = new lib.Packet()
  packet.alloc()
  try {
    packet.data = Buffer.from(frame.data)
    packet.pts = BigInt(Math.round(frame.pts))
    packet.dts = BigInt(Math.round(frame.dts))
    packet.isKeyframe = frame.keyFrame
    const reader = frame.kind === 'video' ? video?.reader : audio?.reader
    return [...before, ...(reader?.read(packet) ?? [])]
  } finally {
    packet.free()
  }
}

function drain(): CodedFrame[] {
  return [...(video?.reader.drain() ?? []), ...(audio?.reader.drain() ?? [])]
}

function trackOf(lib: Av, { kind, codec, config }: CodedFrame) {
  const { CodecParameters, Rational, constants: c } = lib
  const ids: Partial<Record<FrameCodec, AVCodecID>> = {
    av1: c.AV_CODEC_ID_AV1,
    vp9: c.AV_CODEC_ID_VP9,
    vp8: c.AV_CODEC_ID_VP8,
    mpeg2: c.AV_CODEC_ID_MPEG2VIDEO,
    opus: c.AV_CODEC_ID_OPUS,
    mp3: c.AV_CODEC_ID_MP3,
    ac3: c.AV_CODEC_ID_AC3,
    eac3: c.AV_CODEC_ID_EAC3,
    flac: c.AV_CODEC_ID_FLAC,
  }
  const id = ids[codec]
  if (id === undefined) throw new MillraceError('unsupported_codec', `${codec} cannot be made into another codec`)
  const codecpar = new CodecParameters()
  codecpar.alloc()
  codecpar.codecType = kind === 'video' ? c.AVMEDIA_TYPE_VIDEO : c.AVMEDIA_TYPE_AUDIO
  codecpar.codecId = id
  if (kind === 'audio') {
    codecpar.sampleRate = 48_000
    codecpar.channelLayout = c.AV_CHANNEL_LAYOUT_STEREO
    if (config) codecpar.extradata = Buffer.from(config)
  }
  return {
    index: kind === 'video' ? 0 : 1,
    codecpar,
    timeBase: new Rational(1, 90_000),
    avgFrameRate: new Rational(0, 1),
  }
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0)

function fail(error: unknown): void {
  const known = error instanceof MillraceError ? error : undefined
  send({
    type: 'failed',
    code: known?.code ?? 'source_failed',
    message: errorText(error),
    meta: known?.meta ?? {},
  })
}
