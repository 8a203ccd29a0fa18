import { concatBytes } from '@millrace/base'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { joinAnnexB, NAL, nalType, splitAnnexB } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { makeTestClip, type TestClip } from '../testing/index.ts'
import { cmafChunk } from './chunk.ts'
import { codecString } from './codec-string.ts'
import { cmafInit } from './init.ts'
import { opusSamples } from './opus.ts'
import { readCmafChunk } from './read-chunk.ts'
import { readCmafInit } from './read-init.ts'
import { type CmafTrack, cmafTrackOf, sameTrack } from './track.ts'

/** The same picture without delimiters, with start codes of one form. */
const plain = (frame: CodedFrame): Uint8Array =>
  joinAnnexB([...splitAnnexB(frame.data)].filter((nal) => nalType(nal) !== NAL.aud))

let clip: TestClip
let pictures: readonly CodedFrame[]
let sounds: readonly CodedFrame[]
let video: CmafTrack
let audio: CmafTrack
beforeAll(async () => {
  clip = await makeTestClip({ seconds: 3, width: 320, height: 180 })
  pictures = clip.frames.filter(({ kind }) => kind === 'video')
  sounds = clip.frames.filter(({ kind }) => kind === 'audio')
  video = cmafTrackOf(pictures[0]!)!
  audio = cmafTrackOf(sounds[0]!)!
})

describe('CMAF', () => {
  it('gives every frame back as it was, through initialisation segment and chunks', () => {
    const chunks: Uint8Array[] = []
    for (let i = 0; i < pictures.length; i += 6)
      chunks.push(cmafChunk(video, pictures.slice(i, i + 6), { sequence: chunks.length + 1 }))
    const read = readCmafChunk(cmafInit(video), concatBytes(...chunks))
    expect(read.length).toBe(90)
    for (const [i, frame] of read.entries())
      expect(frame).toEqual({ ...pictures[i]!, data: Uint8Array.from(plain(pictures[i]!)) })
    const heard = readCmafChunk(cmafInit(audio), cmafChunk(audio, sounds, { sequence: 1 }))
    expect(heard.map(({ data }) => [...data])).toEqual(sounds.map(({ data }) => [...data]))
    for (const [i, frame] of heard.entries()) expect(Math.abs(frame.pts - sounds[i]!.pts)).toBeLessThanOrEqual(1)
  })

  it('reads its own initialisation segments back and names their codecs', () => {
    for (const track of [video, audio]) expect(readCmafInit(cmafInit(track))).toEqual(track)
    expect(video).toMatchObject({ width: 320, height: 180 })
    expect(codecString(video)).toMatch(/^avc1\.[0-9a-f]{6}$/)
    expect(codecString(audio)).toBe('mp4a.40.2')
    expect(sameTrack(video, cmafTrackOf(pictures.find((p, i) => i > 0 && p.keyFrame)!)!)).toBe(true)
    expect(sameTrack(video, audio)).toBe(false)
    expect(cmafTrackOf(pictures.find(({ keyFrame }) => !keyFrame)!)).toBeUndefined()
  })

  it('keeps any times and any NAL units', () => {
    const times = fc.record({
      dts: fc.integer({ min: 0, max: 2 ** 40 }),
      steps: fc.array(
        fc.record({ step: fc.integer({ min: 1, max: 900_000 }), late: fc.integer({ min: 0, max: 90_000 }) }),
        {
          minLength: 1,
          maxLength: 20,
        },
      ),
      nal: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      gap: fc.integer({ min: 1, max: 90_000 }),
    })
    const init = cmafInit(video)
    fc.assert(
      fc.property(times, ({ dts, steps, nal, gap }) => {
        let at = dts
        const frames = steps.map(({ step, late }, i): CodedFrame => {
          at += step
          // 0x01 and 0x05 with bytes that cannot look like a start code.
          const body = Uint8Array.of(i === 0 ? 0x65 : 0x41, ...nal.map((byte) => byte | 4))
          const sets = i === 0 && video.codec === 'h264' ? [...video.sps, ...video.pps] : []
          return {
            kind: 'video',
            codec: 'h264',
            dts: at,
            pts: at + late,
            keyFrame: i === 0,
            data: joinAnnexB([...sets, body]),
          }
        })
        const chunk = cmafChunk(video, frames, { sequence: 7, endDts: at + gap })
        expect(readCmafChunk(init, chunk)).toEqual(frames)
      }),
      { numRuns: 200 },
    )
  })

  it('knows the length of Opus packets', () => {
    const lengths = [[0xfc], [0xfd], [0xff, 3], [0x08], [0x60], [0x80]].map((bytes) =>
      opusSamples(Uint8Array.from(bytes)),
    )
    expect(lengths).toEqual([960, 1920, 2880, 960, 480, 120])
  })

  it('says what it cannot take', () => {
    const code = (run: () => unknown) => {
      try {
        run()
      } catch (error) {
        return (error as { code?: string }).code
      }
      return undefined
    }
    expect(code(() => cmafChunk(video, [], { sequence: 1 }))).toBe('bad_cmaf')
    expect(code(() => cmafChunk(video, sounds.slice(0, 1), { sequence: 1 }))).toBe('bad_cmaf')
    expect(code(() => cmafChunk(video, [{ ...pictures[0]!, dts: -90_000 }], { sequence: 1 }))).toBe('bad_cmaf')
    expect(code(() => cmafTrackOf({ ...sounds[0]!, codec: 'mp3' }))).toBe('unsupported_codec')
    const init = cmafInit(video)
    const chunk = cmafChunk(video, pictures.slice(0, 3), { sequence: 1 })
    expect(code(() => readCmafInit(chunk))).toBe('bad_cmaf')
    expect(code(() => readCmafChunk(init, init))).toBe('bad_cmaf')
    for (const cut of [9, 60, 130, chunk.length - 1])
      expect(code(() => readCmafChunk(init, chunk.subarray(0, cut)))).toBe('bad_cmaf')
  })
})
