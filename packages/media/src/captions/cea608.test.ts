import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CC1, captionSei } from '../testing/captions.ts'
import { Cea608 } from './cea608.ts'
import { closedCaptions } from './closed-captions.ts'
import { webVttSegment } from './webvtt.ts'

type Pair = readonly [number, number]
/** Ticks of a picture at 30 a second. */
const PICTURE = 3_000

/** Sends a pair a picture, and tells what was on the screen: the pictures from and to, and the text. */
function shown(...said: readonly (readonly Pair[])[]): [number, number, string][] {
  const decoder = new Cea608()
  const pairs = said.flat()
  for (const [i, pair] of pairs.entries()) decoder.push(i * PICTURE, pair)
  return decoder
    .cut(pairs.length * PICTURE)
    .map((cue) => [cue.startTicks / PICTURE, cue.endTicks / PICTURE, cue.lines.map(({ text }) => text).join('|')])
}
const silence = (pictures: number): Pair[] => Array.from({ length: pictures }, () => [0, 0] as const)

describe('captions of CEA-608', () => {
  it('that pop on are shown whole, until the next or until they are erased', () => {
    const load = [CC1.popOn, CC1.eraseLoaded, CC1.row15]
    const hello = [...load, CC1.text('HELLO '), CC1.show]
    const world = [...load, CC1.text('WORLD.'), CC1.show]
    expect(shown(...hello, silence(10), ...world, silence(5), CC1.erase, silence(5))).toEqual([
      [9, 30, 'HELLO'],
      [30, 37, 'WORLD.'],
    ])
  })

  it('keep their lines and their places', () => {
    const decoder = new Cea608()
    const pairs = [CC1.popOn, CC1.row14, CC1.text('ABOVE '), CC1.row15, CC1.text('BELOW '), CC1.show].flat()
    for (const [i, pair] of pairs.entries()) decoder.push(i * PICTURE, pair)
    expect(decoder.cut(30 * PICTURE)[0]?.lines).toEqual([
      { row: 13, column: 4, text: 'ABOVE' },
      { row: 14, column: 0, text: 'BELOW' },
    ])
  })

  it('that roll up push the lines above them up, and the oldest away', () => {
    const line = (text: string) => [...CC1.carriageReturn, ...CC1.row15, ...CC1.text(text), ...silence(12)]
    const all = shown(CC1.rollUp(2), line('ONE '), line('TWO '), line('THREE '), silence(10))
    const last = (text: string) => all.findLast(([, , on]) => on === text)
    expect(last('ONE')).toBeDefined()
    expect(last('ONE|TWO')).toBeDefined()
    expect(all.at(-1)?.[2]).toBe('TWO|THREE')
    expect(all.some(([, , on]) => on.includes('ONE|TWO|THREE'))).toBe(false)
    // One begins where the one before ends.
    for (const [i, [from]] of all.slice(1).entries()) expect(from).toBe(all[i]?.[1])
  })

  it('that are painted on are seen while they are written, in steps', () => {
    const all = shown(CC1.paintOn, CC1.row15, CC1.text('A LONG LINE THAT IS PAINTED ON'), silence(20))
    expect(all.at(-1)?.[2]).toBe('A LONG LINE THAT IS PAINTED ON')
    expect(all.length).toBeGreaterThan(1)
    expect(all.length).toBeLessThan(5)
  })

  it('have letters of their own, and corrections', () => {
    // The plain letters in front of extended ones are for decoders that do not know those.
    const letters: Pair[] = [
      [0x2a, 0x5c],
      ...twice(0x11, 0x37),
      [0x45, 0],
      ...twice(0x12, 0x20),
      [0x41, 0],
      ...twice(0x13, 0x30),
    ]
    expect(shown(CC1.popOn, CC1.row15, letters, CC1.show, silence(1))[0]?.[2]).toBe('áé♪ÁÄ')
    const corrected = [CC1.text('HELP'), CC1.backspace, CC1.text('LO')]
    expect(shown(CC1.popOn, CC1.row15, ...corrected, CC1.show, silence(1))[0]?.[2]).toBe('HELLO')
  })

  it('of the second channel, and text that is no caption, are left out', () => {
    const second = twice(0x1c, 0x20)
    const both = [CC1.popOn, CC1.row15, CC1.text('OURS'), second, CC1.text('THEIRS'), twice(0x1c, 0x2f), CC1.show]
    expect(shown(...both, silence(1)).map(([, , text]) => text)).toEqual(['OURS'])
    expect(shown(twice(0x14, 0x2a), CC1.text('TEXT'), silence(20))).toEqual([])
  })

  it('go on over the end of a segment', () => {
    const decoder = new Cea608()
    const pairs = [CC1.popOn, CC1.row15, CC1.text('LONG'), CC1.show].flat()
    for (const [i, pair] of pairs.entries()) decoder.push(i * PICTURE, pair)
    expect(decoder.cut(60 * PICTURE)).toMatchObject([{ endTicks: 60 * PICTURE }])
    expect(decoder.cut(120 * PICTURE)).toMatchObject([{ startTicks: 60 * PICTURE, endTicks: 120 * PICTURE }])
  })

  it('are never more than a screen, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 127 })), { maxLength: 300 }),
        (pairs) => {
          const decoder = new Cea608()
          for (const [i, pair] of pairs.entries()) decoder.push(i * PICTURE, pair)
          for (const { lines, startTicks, endTicks } of decoder.cut(pairs.length * PICTURE + 1)) {
            expect(endTicks).toBeGreaterThan(startTicks)
            expect(lines.length).toBeLessThanOrEqual(15)
            for (const { row, column, text } of lines) {
              expect(column + text.length).toBeLessThanOrEqual(32)
              expect(row).toBeLessThan(15)
            }
          }
        },
      ),
    )
  })
})

describe('captions beside a picture', () => {
  it('are found before the slices, and only there', () => {
    const sei = captionSei([0x48, 0x49])
    const unit = (...nals: Uint8Array[]) => Buffer.concat(nals.flatMap((nal) => [Buffer.of(0, 0, 0, 1), nal]))
    const slice = Uint8Array.of(5, 1, 2, 3)
    expect(closedCaptions(unit(sei, slice), 'h264')).toEqual([{ field: 1, bytes: [0x48, 0x49] }])
    expect(closedCaptions(unit(slice, sei), 'h264')).toBeUndefined()
    const hevc = Uint8Array.of(39 << 1, 1, ...sei.subarray(1))
    expect(closedCaptions(unit(hevc, Uint8Array.of(2, 1, 0)), 'hevc')).toEqual([{ field: 1, bytes: [0x48, 0x49] }])
  })

  it('may be damaged in any way', () => {
    const sei = [0, 0, 0, 1, ...captionSei([0x48, 0x49]), 0, 0, 0, 1, 5, 1]
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sei.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(sei.length),
        (changes, end) => {
          const bytes = Uint8Array.from(sei)
          for (const [at, value] of changes) bytes[at] = value
          for (const codec of ['h264', 'hevc'] as const) closedCaptions(bytes.subarray(0, end), codec)
        },
      ),
    )
  })
})

it('WebVTT says when its own time begins, and writes signs of the format so that they are read', () => {
  const lines = [
    { row: 13, column: 4, text: 'A < B' },
    { row: 14, column: 0, text: 'C & D --> E' },
  ]
  const cue = { startTicks: 2 ** 33 + 45_000, endTicks: 2 ** 33 + 90_000 + 45, lines }
  expect(webVttSegment([cue], 2 ** 33 + 9_000)).toBe(
    'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:9000,LOCAL:00:00:00.000\n\n00:00:00.400 --> 00:00:00.901 line:79.33% position:10.00% align:start\nA &lt; B\nC &amp; D --&gt; E\n',
  )
})

function twice(first: number, second: number): Pair[] {
  return [
    [first, second],
    [first, second],
  ]
}
