import { MillraceError } from '@millrace/base'
import {
  cmafChunk,
  cmafInit,
  cmafTrackOf,
  countPixels,
  demuxTs,
  HlsOrigin,
  parsePublishPath,
  probeSegment,
  readCmafChunk,
  readCmafInit,
  readMp4Frames,
} from '@millrace/media'
import { Cea608 } from '../../../packages/media/src/captions/cea608.ts'
import { closedCaptions } from '../../../packages/media/src/captions/closed-captions.ts'
import { webVttSegment } from '../../../packages/media/src/captions/webvtt.ts'
import { decodeAvcConfig } from '../../../packages/media/src/h264/avcc.ts'
import { inspectAccessUnit } from '../../../packages/media/src/h264/nal.ts'
import { parseHevcSps, parseSps } from '../../../packages/media/src/h264/sps.ts'
import { decodeAmf0, encodeAmf0 } from '../../../packages/media/src/ingest/rtmp/amf0.ts'
import { ChunkReader, encodeMessage, MESSAGE } from '../../../packages/media/src/ingest/rtmp/chunks.ts'
import { FlvReader } from '../../../packages/media/src/ingest/rtmp/flv.ts'
import {
  avcConfig,
  captionedPictures,
  command,
  connect,
  film,
  picture,
  pps,
  publish,
  segment,
  sound,
  sps,
} from '../samples/media.ts'
import { Broken, type Target } from '../target.ts'

const cmafTracks = [cmafTrackOf(picture)!, cmafTrackOf(sound)!] as const
const cmafInits = cmafTracks.map((track) => cmafInit(track))
const cmafChunks = [picture, sound].map((frame, i) => cmafChunk(cmafTracks[i]!, [frame, frame], { sequence: 1 }))
const isOwn = (error: unknown): boolean => error instanceof MillraceError
const origin = new HlsOrigin()
origin.put('film', { name: 'source' }, { seq: 0, data: segment, container: 'mpegts', durationMs: 600 })

export const mediaTargets: readonly Target[] = [
  {
    name: 'captions',
    takesAll: true,
    samples: () => captionedPictures,
    take: (input) => {
      const decoder = new Cea608()
      const pairs = (['h264', 'hevc'] as const).flatMap((codec) => closedCaptions(input, codec) ?? [])
      for (const [i, { bytes }] of pairs.entries()) decoder.push(i * 3_000, bytes)
      const text = webVttSegment(decoder.cut(pairs.length * 3_000), 0)
      // A picture has at most 31 pairs in a message of its own, and each can show a screen of 15 rows.
      if (text.length > 200 + pairs.length * 15 * 200)
        throw new Broken(`${pairs.length} pairs gave ${text.length} bytes`)
    },
    isOwn,
  },
  {
    name: 'mpegts',
    takesAll: true,
    samples: () => [segment, segment.subarray(0, 188 * 8), segment.subarray(188 * 2)],
    take: (input) => {
      const { frames: read } = demuxTs(input)
      const bytes = read.reduce((sum, { data }) => sum + data.length, 0)
      // An access unit delimiter and an ADTS head may be put in front of a frame, and a packet gives one frame at most.
      if (bytes > 4 * input.length + 4096) throw new Broken(`${input.length} bytes gave frames of ${bytes}`)
    },
    isOwn,
  },
  { name: 'mpegts-pixels', samples: () => [segment], take: (input) => void countPixels(input, 'mpegts'), isOwn },
  {
    name: 'mpegts-probe',
    takesAll: true,
    samples: () => [segment],
    take: (input) => void probeSegment(input, 'mpegts'),
    isOwn,
  },
  {
    name: 'mp4',
    samples: () => [film],
    words: [
      'moov',
      'moof',
      'trak',
      'stts',
      'stsz',
      'stco',
      'co64',
      'ctts',
      'stsc',
      'trun',
      'mdat',
      'uuid',
      '\0\0\0\0',
      '\0\0\0\x01',
    ],
    take: (input) => {
      const read = readMp4Frames(input)
      const bytes = read.reduce((sum, { data }) => sum + data.length, 0)
      if (bytes > 64 * input.length + 4096) throw new Broken(`${input.length} bytes gave frames of ${bytes}`)
    },
    isOwn,
  },
  {
    name: 'mp4-pixels',
    samples: () => [film],
    words: ['moov', 'trak', 'stsz'],
    take: (input) => void countPixels(input, 'mp4'),
    isOwn,
  },
  {
    name: 'cmaf',
    samples: () => [...cmafInits, ...cmafChunks],
    words: [
      'moov',
      'moof',
      'trak',
      'traf',
      'stsd',
      'avc1',
      'hvc1',
      'av01',
      'vp09',
      'mp4a',
      'Opus',
      'tfdt',
      'trun',
      '\0\0\0\0',
      '\0\0\0\x01',
    ],
    take: (input) => {
      let taken = 0
      let owed: unknown
      for (const read of [() => readCmafInit(input), ...cmafInits.map((init) => () => readCmafChunk(init, input))])
        try {
          const found = read()
          taken++
          if (!Array.isArray(found)) continue
          const bytes = found.reduce((sum, { data }) => sum + data.length, 0)
          if (bytes > 128 * input.length + 4096) throw new Broken(`${input.length} bytes gave frames of ${bytes}`)
        } catch (error) {
          if (!isOwn(error)) throw error
          owed = error
        }
      if (taken === 0) throw owed
    },
    isOwn,
  },
  {
    name: 'h264',
    takesAll: true,
    samples: () => [picture.data, sps, pps, avcConfig],
    words: ['\0\0\x01', '\0\0\0\x01', '\0\0\x03'],
    take: (input) => {
      for (const read of [
        () => inspectAccessUnit(input, 'h264'),
        () => inspectAccessUnit(input, 'hevc'),
        () => parseSps(input),
        () => parseHevcSps(input),
        () => decodeAvcConfig(input),
      ])
        try {
          read()
        } catch (error) {
          if (!isOwn(error)) throw error
        }
    },
    isOwn,
  },
  {
    name: 'amf0',
    samples: () => [
      connect,
      publish,
      encodeAmf0('@setDataFrame', 'onMetaData', { width: 1280, framerate: 30, a: [1, 'b', null] }),
    ],
    words: [
      '__proto__',
      'constructor',
      '\x03\0\x01a',
      '\x08\xff\xff\xff\xff',
      '\x0a\xff\xff\xff\xff',
      '\x0c\x7f\xff\xff\xff',
      '\0\0\x09',
    ],
    take: (input) => {
      const values = decodeAmf0(input)
      if (({} as Record<string, unknown>).polluted !== undefined) throw new Broken('a prototype was polluted')
      const again = decodeAmf0(encodeAmf0(...values))
      if (again.length !== values.length) throw new Broken('written and read again there are other values')
    },
    isOwn,
  },
  {
    name: 'rtmp-chunks',
    samples: () => {
      const size = Buffer.alloc(4)
      size.writeUInt32BE(4096)
      return [
        Buffer.concat([command(connect), command(publish)]),
        encodeMessage({ type: MESSAGE.setChunkSize, streamId: 0, timestamp: 0, payload: size }, 2, 128),
        encodeMessage({ type: 9, streamId: 1, timestamp: 0x1000000, payload: Buffer.alloc(300, 7) }, 4, 128),
      ]
    },
    take: (input) => {
      const reader = new ChunkReader({ maxMessageBytes: 1 << 20, maxPendingBytes: 2 << 20 })
      const step = 1 + (input[0] ?? 0)
      for (let at = 0; at < input.length; at += step)
        for (const _ of reader.read(Buffer.from(input.subarray(at, at + step))));
    },
    isOwn,
  },
  {
    name: 'flv',
    takesAll: true,
    samples: () => [
      Buffer.concat([Buffer.of(0x17, 0, 0, 0, 0), avcConfig]),
      Buffer.concat([Buffer.of(0x17, 1, 0, 0, 0), picture.data]),
      Buffer.concat([Buffer.of(0x97), Buffer.from('hvc1'), avcConfig]),
      Buffer.concat([Buffer.of(0xaf, 0), sound.config ?? Buffer.of(0x11, 0x90)]),
      Buffer.concat([Buffer.of(0xaf, 1), sound.data]),
    ],
    take: (input) => {
      const reader = new FlvReader()
      const payload = Buffer.from(input)
      for (const read of [
        () => reader.video(Buffer.concat([Buffer.of(0x17, 0, 0, 0, 0), avcConfig]), 0),
        () => reader.video(payload, 0xfffffff0),
        () => reader.audio(payload, 5),
        () => reader.video(payload, 10),
      ])
        try {
          read()
        } catch (error) {
          if (!isOwn(error)) throw error
        }
    },
    isOwn,
  },
  {
    name: 'playlists',
    takesAll: true,
    samples: () =>
      ['/stream/film.m3u8', '/stream/film/source.m3u8', '/stream/film/source/0.ts', '/stream/../../etc/passwd'].map(
        (path) => Buffer.from(path),
      ),
    words: [
      '..',
      '%2e%2e',
      '\\',
      '\0',
      '?',
      '.m3u8',
      '/source/',
      '__proto__',
      'constructor',
      '0.ts',
      '99999999999999999999.ts',
    ],
    take: (input) => {
      const text = Buffer.from(input).toString('utf8')
      const [path = '', range] = text.split('\n')
      for (const at of [path, `/stream/film/${path}`]) {
        const { status, body } = origin.get(at, { method: 'GET', range: range ?? `bytes=${path}` })
        if (![200, 206, 304, 404, 405, 416].includes(status)) throw new Broken(`it answered ${status}`)
        if (body.length > segment.length + 4096) throw new Broken(`it answered ${body.length} bytes`)
      }
    },
    isOwn,
  },
  {
    name: 'publish-path',
    takesAll: true,
    samples: () => ['live/stream?key=1', 'live\nstream/../x', 'a/b/c'].map((path) => Buffer.from(path)),
    words: ['..', '%2e', '\0', '/', '?', '&', 'ß'],
    take: (input) => {
      const [app = '', name = ''] = Buffer.from(input).toString('utf8').split('\n')
      const path = parsePublishPath(app, name)
      if (path && /[/\\\0]|^\.\.?$/.test(path.manifestId))
        throw new Broken(`it let in the name ${JSON.stringify(path.manifestId)}`)
    },
    isOwn,
  },
]
