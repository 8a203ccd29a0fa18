import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes } from '@millrace/base'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { opusSamples } from '../cmaf/opus.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { demuxTs } from './demuxer.ts'
import { muxTs, TsMuxer } from './muxer.ts'
import { opusControlHeader, readOpusUnits } from './opus.ts'

const sound = (pts: number, data: Uint8Array): CodedFrame => ({
  kind: 'audio',
  codec: 'opus',
  pts,
  dts: pts,
  keyFrame: true,
  data,
})

function mux(frames: readonly CodedFrame[]): Uint8Array {
  const chunks: Uint8Array[] = []
  const muxer = new TsMuxer({ write: (bytes) => chunks.push(bytes), opus: true })
  for (const frame of frames) muxer.frame(frame)
  muxer.flush()
  return concatBytes(...chunks)
}

describe('Opus in a transport stream', () => {
  it('comes out as it went in, whatever the size of its packets', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_275 }), { minLength: 1, maxLength: 10 }), (sizes) => {
        const given = sizes.map((size, i) => sound(90_000 + i * 1_800, new Uint8Array(size).fill(0xfc)))
        const { frames, counts, announced } = demuxTs(mux(given))
        expect(frames).toEqual(given)
        expect(announced?.audio).toBe('opus')
        expect(counts.droppedPes + counts.continuityErrors + counts.badSections).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  it('is left out where nobody asked for it: peers that transcode need not know it', () => {
    expect(muxTs([sound(0, Uint8Array.of(0xfc, 1))]).length).toBe(0)
  })

  it('is read with trimmed ends and extensions, and what is damaged ends it', () => {
    const packet = Uint8Array.of(0xfc, 1, 2)
    const trimmed = Uint8Array.of(0x7f, 0xe0 | 0x1c, 3, 0, 1, 0, 2, 1, 9, ...packet)
    const two = concatBytes(trimmed, opusControlHeader(3), packet)
    expect(readOpusUnits(two)).toEqual([packet, packet])
    expect(readOpusUnits(concatBytes(two, Uint8Array.of(0x7f, 0xe0, 200, 1)))).toEqual([packet, packet])
    expect(readOpusUnits(Uint8Array.of(0x7f, 0xe0, 0xff, 0xff))).toEqual([])
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void readOpusUnits(bytes)))
  })
})

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
if (!hasFfmpeg && process.env.CI !== 'true')
  console.log('NOT RUN: Opus in MPEG-TS beside FFmpeg; get it with `apt-get install ffmpeg` or `brew install ffmpeg`')

const folder = mkdtempSync(join(tmpdir(), 'millrace-opus-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(!hasFfmpeg && process.env.CI !== 'true')('Opus in a transport stream, beside FFmpeg', () => {
  const ffmpeg = (...args: readonly string[]) =>
    execFileSync('ffmpeg', ['-v', 'error', ...args], { maxBuffer: 1 << 26 })
  const made = (channels: number) =>
    ffmpeg(...['-f', 'lavfi', '-i', 'sine=d=1:r=48000', '-ac', `${channels}`, '-c:a', 'libopus', '-f', 'mpegts', '-'])

  it.each([1, 2])('reads what FFmpeg writes, and FFmpeg what is written here, with %s channels', (channels) => {
    const { frames, counts } = demuxTs(made(channels))
    expect(counts.droppedPes).toBe(0)
    const lasts = frames.reduce((sum, { data }) => sum + opusSamples(data), 0) / 48_000
    expect(lasts).toBeGreaterThan(0.98)
    expect(lasts).toBeLessThan(1.06)
    for (const [i, frame] of frames.slice(1).entries()) expect(frame.pts - frames[i]!.pts).toBe(1_800)

    const file = join(folder, `${channels}.ts`)
    writeFileSync(file, mux(frames))
    const { stdout, stderr } = spawnSync('ffmpeg', ['-v', 'warning', '-i', file, '-f', 'framemd5', '-'], {
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    const decoded = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    expect(Math.abs(decoded.length - frames.length)).toBeLessThanOrEqual(1)
    const probed = execFileSync(
      'ffprobe',
      ['-v', 'error', '-show_entries', 'stream=codec_name,channels', '-of', 'csv=p=0', file],
      { encoding: 'utf8' },
    )
    expect(probed).toContain(`opus,${channels}`)
  })
})
