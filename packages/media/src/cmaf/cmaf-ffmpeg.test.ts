import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes } from '@millrace/base'
import { afterAll, describe, expect, it } from 'vitest'
import { joinAnnexB, splitAnnexB } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestClip } from '../testing/index.ts'
import { cmafChunk } from './chunk.ts'
import { codecString } from './codec-string.ts'
import { cmafInit } from './init.ts'
import { opusSamples } from './opus.ts'
import { readCmafChunk } from './read-chunk.ts'
import { readCmafInit } from './read-init.ts'
import { cmafTrackOf } from './track.ts'

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0
if (!hasFfmpeg && process.env.CI !== 'true')
  console.log('NOT RUN: CMAF read by FFmpeg; get it with `apt-get install ffmpeg` or `brew install ffmpeg`')

const folder = mkdtempSync(join(tmpdir(), 'millrace-cmaf-'))
afterAll(() => rmSync(folder, { recursive: true }))

const encode = (...args: readonly string[]): Buffer =>
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=1', ...args, '-'], {
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  })

const pictureAt = (codec: CodedFrame['codec'], data: Uint8Array, i: number, keyFrame: boolean): CodedFrame => ({
  kind: 'video',
  codec,
  pts: 90_000 + i * 3_600,
  dts: 90_000 + i * 3_600,
  keyFrame,
  data: Uint8Array.from(data),
})

/** The frames of an IVF file: 12 bytes of head before each. */
function ivf(file: Buffer, codec: 'av1' | 'vp9'): CodedFrame[] {
  const frames: CodedFrame[] = []
  for (let at = 32; at < file.length; ) {
    const size = file.readUInt32LE(at)
    frames.push(pictureAt(codec, file.subarray(at + 12, at + 12 + size), frames.length, frames.length === 0))
    at += 12 + size
  }
  return frames
}

/** The access units of an HEVC stream that has delimiters. */
function hevc(stream: Buffer): CodedFrame[] {
  const units: Uint8Array[][] = []
  for (const nal of splitAnnexB(stream)) {
    if (((nal[0]! >> 1) & 63) === 35) units.push([])
    units.at(-1)!.push(nal)
  }
  return units.map((nals, i) => pictureAt('hevc', joinAnnexB(nals), i, i === 0))
}

/** The packets of an Ogg stream with one packet a page. */
function ogg(file: Buffer): CodedFrame[] {
  const frames: CodedFrame[] = []
  let pts = 90_000
  for (let at = 0, page = 0; at < file.length; page++) {
    const lacing = file.subarray(at + 27, at + 27 + file[at + 26]!)
    const size = lacing.reduce((sum, byte) => sum + byte, 0)
    const data = Uint8Array.from(file.subarray(at + 27 + lacing.length, at + 27 + lacing.length + size))
    if (page >= 2) {
      frames.push({ kind: 'audio', codec: 'opus', pts, dts: pts, keyFrame: true, data })
      pts += (opusSamples(data) * 90_000) / 48_000
    }
    at += 27 + lacing.length + size
  }
  return frames
}

const sources: Record<string, () => Promise<CodedFrame[]> | CodedFrame[]> = {
  h264: async () => (await makeTestClip({ seconds: 2, width: 320, height: 180, audio: false })).frames.slice(),
  aac: async () =>
    (await makeTestClip({ seconds: 2, width: 320, height: 180 })).frames.filter((f) => f.kind === 'audio'),
  hevc: () =>
    hevc(
      encode(
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-bf',
        '0',
        '-x265-params',
        'aud=1:log-level=none',
        '-f',
        'hevc',
      ),
    ),
  av1: () =>
    ivf(
      encode('-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-lag-in-frames', '0', '-f', 'ivf'),
      'av1',
    ),
  vp9: () => ivf(encode('-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-lag-in-frames', '0', '-f', 'ivf'), 'vp9'),
  opus: () =>
    ogg(
      execFileSync(
        'ffmpeg',
        ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=1', '-c:a', 'libopus', '-page_duration', '1', '-f', 'ogg', '-'],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      ),
    ),
}

const expected: Record<string, RegExp> = {
  h264: /^avc1\.[0-9a-f]{6}$/,
  aac: /^mp4a\.40\.2$/,
  hevc: /^hvc1\.1\.6\.L\d+\.[0-9A-F.]+$/,
  av1: /^av01\.0\.0\d[MH]\.08$/,
  vp9: /^vp09\.00\.11\.08$/,
  opus: /^opus$/,
}

describe.skipIf(!hasFfmpeg && process.env.CI !== 'true')('CMAF read by FFmpeg', () => {
  for (const [codec, make] of Object.entries(sources))
    it(`takes ${codec} without a warning, every frame of it`, async () => {
      const frames = await make()
      expect(frames.length).toBeGreaterThan(20)
      const track = cmafTrackOf(frames[0]!)!
      expect(codecString(track)).toMatch(expected[codec]!)
      const init = cmafInit(track)
      expect(readCmafInit(init)).toEqual(track)
      const chunks: Uint8Array[] = []
      for (let i = 0; i < frames.length; i += 5)
        chunks.push(
          cmafChunk(track, frames.slice(i, i + 5), { sequence: chunks.length + 1, endDts: frames[i + 5]?.dts }),
        )
      expect(readCmafChunk(track, concatBytes(...chunks)).map(({ pts }) => pts)).toEqual(frames.map(({ pts }) => pts))
      const file = join(folder, `${codec}.mp4`)
      writeFileSync(file, concatBytes(init, ...chunks))
      const { stdout, stderr } = spawnSync('ffmpeg', ['-v', 'warning', '-i', file, '-f', 'framemd5', '-'], {
        encoding: 'utf8',
      })
      expect(stderr).toBe('')
      const decoded = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      // A decoder of sound may hold back one frame at the end, or give one for the start.
      expect(Math.abs(decoded.length - frames.length)).toBeLessThanOrEqual(codec === 'aac' || codec === 'opus' ? 1 : 0)
    })
})
