import { MillraceError } from '@millrace/base'
import type { CodecContext, Frame, Packet, SoftwareResampleContext, Stream } from 'node-av/lib'
import { type Av, avError } from '../process/av.ts'

/** A moving picture and a tone in any container and codec. */
export type MediaFileOptions = {
  readonly path: string
  /** FFmpeg's name of the container. */
  readonly format: string
  readonly video?: string | undefined
  readonly audio?: string | undefined
  readonly seconds: number
  readonly width?: number
  readonly height?: number
  readonly fps?: number
  /** FFmpeg's name; yuv420p unless given. */
  readonly pixelFormat?: string
  readonly bFrames?: number
  /** Bits a second of the picture; 600,000 unless given. */
  readonly bitrateBps?: number
  readonly interlaced?: boolean
  readonly audioTracks?: number
  /** Options of the encoder of pictures, as FFmpeg has them. */
  readonly encoder?: Readonly<Record<string, string>>
  /** Filters of FFmpeg's on the pictures. */
  readonly filter?: string
  /** Options of the container, as FFmpeg's muxers have them. */
  readonly muxer?: Readonly<Record<string, string>>
}

const VIDEO: Readonly<
  Record<string, { readonly encoder: string; readonly options?: Readonly<Record<string, string>> }>
> = {
  h264: { encoder: 'libx264', options: { preset: 'ultrafast' } },
  hevc: { encoder: 'libx265', options: { preset: 'ultrafast', 'x265-params': 'log-level=none' } },
  av1: { encoder: 'libsvtav1', options: { preset: '12' } },
  vp9: { encoder: 'libvpx-vp9', options: { deadline: 'realtime', 'cpu-used': '8' } },
  vp8: { encoder: 'libvpx', options: { deadline: 'realtime', 'cpu-used': '8' } },
  mpeg2: { encoder: 'mpeg2video' },
}

const AUDIO: Readonly<Record<string, { readonly encoder: string; readonly samples: number; readonly format: string }>> =
  {
    aac: { encoder: 'aac', samples: 1_024, format: 'fltp' },
    opus: { encoder: 'libopus', samples: 960, format: 's16' },
    mp3: { encoder: 'libmp3lame', samples: 1_152, format: 'fltp' },
    vorbis: { encoder: 'libvorbis', samples: 64, format: 'fltp' },
    flac: { encoder: 'flac', samples: 4_608, format: 's16' },
    ac3: { encoder: 'ac3', samples: 1_536, format: 'fltp' },
    pcm: { encoder: 'pcm_s16le', samples: 1_024, format: 's16' },
    pcm_be: { encoder: 'pcm_s16be', samples: 1_024, format: 's16' },
  }

export const MADE_VIDEO = Object.keys(VIDEO)
export const MADE_AUDIO = Object.keys(AUDIO)

type Lane = {
  readonly source: number
  readonly decoder: CodecContext
  readonly encoder: CodecContext
  readonly stream: Stream
  readonly isSound: boolean
  /** Where the encoder takes planes of numbers and FFmpeg's test tone has none. */
  readonly resampler?: SoftwareResampleContext | undefined
}

/** Writes the file; throws `publish_failed` where the container does not take a codec. */
export async function makeFile(av: Av, options: MediaFileOptions): Promise<void> {
  const { constants: c } = av
  const input = new av.FormatContext()
  input.allocContext()
  const opened = await input.openInput(graphOf(options), av.InputFormat.findInputFormat('lavfi'), null)
  if (opened < 0) throw new MillraceError('failed', `the test picture cannot be made: ${avError(opened)}`)
  await input.findStreamInfo(null)
  const output = new av.FormatContext()
  const allocated = output.allocOutputContext2(null, options.format, options.path)
  if (allocated < 0) throw new MillraceError('publish_failed', `there is no container ${options.format}`)
  const globalHeader = ((output.oformat?.flags ?? 0) & c.AVFMT_GLOBALHEADER) !== 0
  const lanes: Lane[] = []
  const packet = new av.Packet()
  packet.alloc()
  const frame = new av.Frame()
  frame.alloc()
  try {
    for (const stream of input.streams) lanes.push(await openLane(av, stream, output, options, globalHeader))
    const file = await output.openOutput()
    if (file < 0) throw new MillraceError('publish_failed', `${options.path} cannot be written: ${avError(file)}`)
    const header = await output.writeHeader(options.muxer ? av.Dictionary.fromObject(options.muxer) : null)
    if (header < 0)
      throw new MillraceError('publish_failed', `${options.format} does not take this: ${avError(header)}`)
    while ((await input.readFrame(packet)) >= 0) {
      const lane = lanes.find(({ source }) => source === packet.streamIndex)
      if (lane) await encode(av, lane, packet, frame, output, options)
      packet.unref()
    }
    for (const lane of lanes) {
      await encode(av, lane, null, frame, output, options)
    }
    const trailer = await output.writeTrailer()
    if (trailer < 0)
      throw new MillraceError('publish_failed', `${options.format} does not take this: ${avError(trailer)}`)
  } finally {
    packet.free()
    frame.free()
    for (const { decoder, encoder, resampler } of lanes) {
      resampler?.free()
      decoder.freeContext()
      encoder.freeContext()
    }
    await output.closeOutput()
    output.freeContext()
    input.closeInputSync()
  }
}

function graphOf(options: MediaFileOptions): string {
  const { width = 320, height = 180, fps = 25, seconds, pixelFormat = 'yuv420p', filter } = options
  const parts: string[] = []
  if (options.video)
    parts.push(
      `testsrc2=size=${width}x${height}:rate=${fps}:duration=${seconds}${filter ? `,${filter}` : ''},format=${pixelFormat}[out0]`,
    )
  const sound = options.audio && AUDIO[options.audio]
  for (let track = 0; sound && track < (options.audioTracks ?? 1); track++)
    parts.push(
      `sine=frequency=${440 * (track + 1)}:sample_rate=48000:duration=${seconds},aformat=sample_fmts=s16:channel_layouts=stereo,asetnsamples=n=${sound.samples}[out${parts.length}]`,
    )
  return parts.join(';')
}

async function openLane(
  av: Av,
  source: Stream,
  output: InstanceType<Av['FormatContext']>,
  options: MediaFileOptions,
  globalHeader: boolean,
): Promise<Lane> {
  const { constants: c } = av
  const { codecpar } = source
  const rawCodec = av.Codec.findDecoder(codecpar.codecId)
  const decoder = new av.CodecContext()
  decoder.allocContext3(rawCodec)
  codecpar.toContext(decoder)
  decoder.pktTimebase = source.timeBase
  decoder.open2Sync(rawCodec, null)
  const isVideo = codecpar.codecType === c.AVMEDIA_TYPE_VIDEO
  const how = isVideo ? VIDEO[options.video ?? ''] : AUDIO[options.audio ?? '']
  const codec = how && av.Codec.findEncoderByName(how.encoder as never)
  if (!how || !codec) throw new MillraceError('failed', `there is no encoder ${how?.encoder ?? 'of that name'}`)
  const encoder = new av.CodecContext()
  encoder.allocContext3(codec)
  if (isVideo) {
    encoder.width = codecpar.width
    encoder.height = codecpar.height
    encoder.pixelFormat = av.avGetPixFmtFromName((options.pixelFormat ?? 'yuv420p') as never)
    encoder.timeBase = new av.Rational(1, options.fps ?? 25)
    encoder.framerate = new av.Rational(options.fps ?? 25, 1)
    encoder.gopSize = options.fps ?? 25
    encoder.maxBFrames = options.bFrames ?? 0
    encoder.bitRate = BigInt(options.bitrateBps ?? 600_000)
    if (options.interlaced) encoder.setFlags(c.AV_CODEC_FLAG_INTERLACED_DCT, c.AV_CODEC_FLAG_INTERLACED_ME)
    const settings = { ...('options' in how ? how.options : {}), ...options.encoder }
    for (const [name, value] of Object.entries(settings)) encoder.setOption(name, value)
  } else {
    encoder.sampleRate = 48_000
    encoder.sampleFormat = 'format' in how && how.format === 'fltp' ? c.AV_SAMPLE_FMT_FLTP : c.AV_SAMPLE_FMT_S16
    encoder.channelLayout = c.AV_CHANNEL_LAYOUT_STEREO
    encoder.timeBase = new av.Rational(1, 48_000)
    encoder.bitRate = 128_000n
  }
  if (globalHeader) encoder.setFlags(c.AV_CODEC_FLAG_GLOBAL_HEADER)
  encoder.threadCount = 1
  const opened = await encoder.open2(codec, null)
  if (opened < 0) throw new MillraceError('failed', `${how.encoder} does not open: ${avError(opened)}`)
  const stream = output.newStream(null)
  stream.codecpar.fromContext(encoder)
  stream.codecpar.codecTag = 0
  stream.timeBase = encoder.timeBase
  return {
    source: source.index,
    decoder,
    encoder,
    stream,
    isSound: !isVideo,
    resampler: isVideo ? undefined : resamplerOf(av, encoder),
  }
}

function resamplerOf(av: Av, encoder: CodecContext): SoftwareResampleContext | undefined {
  const { constants: c } = av
  if (encoder.sampleFormat === c.AV_SAMPLE_FMT_S16) return undefined
  const resampler = new av.SoftwareResampleContext()
  const stereo = c.AV_CHANNEL_LAYOUT_STEREO
  resampler.allocSetOpts2(stereo, encoder.sampleFormat, 48_000, stereo, c.AV_SAMPLE_FMT_S16, 48_000)
  resampler.init()
  return resampler
}

/** The same sound in the form that the encoder takes. */
function resampled(av: Av, frame: Frame, { resampler, encoder }: Lane): Frame | undefined {
  if (!resampler) return undefined
  const out = new av.Frame()
  out.alloc()
  out.format = encoder.sampleFormat
  out.channelLayout = av.constants.AV_CHANNEL_LAYOUT_STEREO
  out.sampleRate = 48_000
  resampler.convertFrame(out, frame)
  out.pts = frame.pts
  return out
}

async function encode(
  av: Av,
  lane: Lane,
  packet: Packet | null,
  frame: Frame,
  output: InstanceType<Av['FormatContext']>,
  options: MediaFileOptions,
): Promise<void> {
  const out = new av.Packet()
  out.alloc()
  const write = async (given: Frame | null) => {
    const sent = lane.encoder.sendFrameSync(given)
    if (sent < 0 && given) throw new MillraceError('failed', `the encoder refused a frame: ${avError(sent)}`)
    while (lane.encoder.receivePacketSync(out) >= 0) {
      out.streamIndex = lane.stream.index
      // Without it the last picture lies outside of what an MP4 file says it shows.
      if (!lane.isSound) out.duration = 1n
      out.rescaleTs(lane.encoder.timeBase, lane.stream.timeBase)
      const wrote = await output.interleavedWriteFrame(out)
      if (wrote < 0)
        throw new MillraceError('publish_failed', `${options.format} does not take this: ${avError(wrote)}`)
      out.unref()
    }
  }
  lane.decoder.sendPacketSync(packet)
  while (lane.decoder.receiveFrameSync(frame) >= 0) {
    frame.pts = av.avRescaleQ(frame.pts, lane.decoder.pktTimebase, lane.encoder.timeBase)
    frame.pictType = av.constants.AV_PICTURE_TYPE_NONE
    const sound = resampled(av, frame, lane)
    await write(sound ?? frame)
    sound?.free()
    frame.unref()
  }
  if (!packet) await write(null)
  out.free()
}
