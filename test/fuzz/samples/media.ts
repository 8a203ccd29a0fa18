import { readFileSync } from 'node:fs'
import { demuxTs } from '@millrace/media'
import { CC1, withCaptions } from '@millrace/media/testing'
import { encodeAvcConfig } from '../../../packages/media/src/h264/avcc.ts'
import { inspectAccessUnit } from '../../../packages/media/src/h264/nal.ts'
import { encodeAmf0 } from '../../../packages/media/src/ingest/rtmp/amf0.ts'
import { encodeMessage, MESSAGE } from '../../../packages/media/src/ingest/rtmp/chunks.ts'

const read = (name: string): Uint8Array => readFileSync(new URL(name, import.meta.url))

/** Six pictures of 64×36 with sound, as a transport stream and as an MP4. */
export const segment = read('segment.mpegts')
export const film = read('film.mp4')

const { frames } = demuxTs(segment)
export const picture = frames.find((frame) => frame.kind === 'video' && frame.keyFrame)!
export const sound = frames.find((frame) => frame.kind === 'audio')!
const facts = inspectAccessUnit(picture.data, 'h264')
export const sps = facts.sps!
export const pps = facts.pps!
export const avcConfig = encodeAvcConfig(sps, pps)

/** Pictures with captions beside them, each with one pair of them. */
export const captionedPictures: readonly Uint8Array[] = withCaptions(frames, [
  { from: 0, pairs: [CC1.paintOn, CC1.row15, CC1.text('ab')].flat() },
])
  .filter(({ kind }) => kind === 'video')
  .map(({ data }) => data)

export const connect = encodeAmf0('connect', 1, { app: 'live', tcUrl: 'rtmp://127.0.0.1/live', capabilities: 15 })
export const publish = encodeAmf0('publish', 5, null, 'stream?key=1', 'live')

const message = (type: number, payload: Uint8Array, streamId = 1) =>
  encodeMessage({ type, streamId, timestamp: 0, payload: Buffer.from(payload) }, 3, 128)
export const command = (payload: Uint8Array): Buffer => message(MESSAGE.command, payload, 0)

/** What a publisher sends after the handshake. */
export const rtmpSession: Buffer = Buffer.concat([
  command(connect),
  command(encodeAmf0('createStream', 4, null)),
  message(MESSAGE.command, publish),
  message(MESSAGE.video, Buffer.concat([Buffer.of(0x17, 0, 0, 0, 0), avcConfig])),
  message(MESSAGE.audio, Buffer.concat([Buffer.of(0xaf, 0), sound.config ?? Buffer.of(0x11, 0x90)])),
  message(MESSAGE.audio, Buffer.concat([Buffer.of(0xaf, 1), sound.data])),
])
