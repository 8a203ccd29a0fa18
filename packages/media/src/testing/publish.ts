import { MillraceError } from '@millrace/base'
import type { Stream } from 'node-av/lib'
import { inspectAccessUnit, joinAnnexB } from '../h264/nal.ts'
import { parseSps } from '../h264/sps.ts'
import { type Av, avError } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { aacSampleRate, decodeAudioConfig } from '../ts/adts.ts'

/** Publishes frames over RTMP with FFmpeg's own client, as an encoder program would. */
export async function publish(av: Av, url: string, frames: readonly CodedFrame[], realtime: boolean): Promise<void> {
  const { constants: c } = av
  const format = new av.FormatContext()
  if (format.allocOutputContext2(null, 'flv', url) < 0) throw new MillraceError('failed', 'there is no FLV muxer')
  const video = frames.find((frame) => frame.kind === 'video' && frame.keyFrame)
  const audio = frames.find((frame) => frame.kind === 'audio')
  const streams: Partial<Record<CodedFrame['kind'], Stream>> = {}
  if (video) {
    const { sps, pps } = inspectAccessUnit(video.data, 'h264')
    const size = parseSps(sps!)
    const stream = format.newStream(null)
    const { codecpar } = stream
    codecpar.codecType = c.AVMEDIA_TYPE_VIDEO
    codecpar.codecId = c.AV_CODEC_ID_H264
    codecpar.width = size.width
    codecpar.height = size.height
    // Parameter sets with start codes make the muxer convert the pictures, too.
    codecpar.extradata = Buffer.from(joinAnnexB([sps!, pps!]))
    stream.timeBase = new av.Rational(1, 1_000)
    streams.video = stream
  }
  if (audio?.config) {
    const stream = format.newStream(null)
    const { codecpar } = stream
    codecpar.codecType = c.AVMEDIA_TYPE_AUDIO
    codecpar.codecId = c.AV_CODEC_ID_AAC
    codecpar.sampleRate = aacSampleRate(decodeAudioConfig(audio.config)!)
    codecpar.channelLayout = c.AV_CHANNEL_LAYOUT_STEREO
    codecpar.frameSize = 1_024
    codecpar.extradata = Buffer.from(audio.config)
    stream.timeBase = new av.Rational(1, 1_000)
    streams.audio = stream
  }
  const opened = await format.openOutput()
  if (opened < 0) {
    format.freeContext()
    throw new MillraceError('publish_failed', `the server did not take the stream: ${avError(opened)}`)
  }
  const packet = new av.Packet()
  packet.alloc()
  try {
    const header = await format.writeHeader(null)
    if (header < 0) throw new MillraceError('publish_failed', `the stream could not begin: ${avError(header)}`)
    const start = performance.now()
    const origin = frames[0]!.dts
    for (const frame of frames) {
      const stream = streams[frame.kind]
      if (!stream) continue
      const wait = (frame.dts - origin) / 90 - (performance.now() - start)
      if (realtime && wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
      packet.data = Buffer.from(frame.data)
      packet.streamIndex = stream.index
      packet.pts = BigInt(Math.round((frame.pts - origin) / 90))
      packet.dts = BigInt(Math.round((frame.dts - origin) / 90))
      packet.isKeyframe = frame.keyFrame
      packet.rescaleTs({ num: 1, den: 1_000 }, stream.timeBase)
      const wrote = await format.interleavedWriteFrame(packet)
      packet.unref()
      if (wrote < 0) throw new MillraceError('publish_failed', `the server hung up: ${avError(wrote)}`)
    }
    await format.writeTrailer()
  } finally {
    packet.free()
    await format.closeOutput()
    format.freeContext()
  }
}
