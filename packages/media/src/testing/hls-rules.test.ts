import { describe, expect, it } from 'vitest'
import { brokenBetween, brokenRules, readPlaylist } from './hls-rules.ts'

const GOOD = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3.000,HOLD-BACK=6,CAN-SKIP-UNTIL=12
#EXT-X-PART-INF:PART-TARGET=1.000
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXT-X-MAP:URI="i.mp4"
#EXTINF:2.000,
7.m4s
#EXT-X-PART:DURATION=1.000,URI="8.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=1.000,URI="8.1.m4s"
#EXTINF:2.000,
8.m4s
#EXT-X-PART:DURATION=1.000,URI="9.0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="9.1.m4s"
#EXT-X-RENDITION-REPORT:URI="../b/ll.m3u8",LAST-MSN=9,LAST-PART=0
`

describe('the rules of HLS', () => {
  it('are kept by a good playlist, which says what it says', () => {
    const read = readPlaylist(GOOD)
    expect(brokenRules(read)).toEqual([])
    expect(brokenBetween(read, read)).toEqual([])
    expect(read.segments.map(({ seq, parts }) => [seq, parts.length])).toEqual([
      [7, 0],
      [8, 2],
      [9, 1],
    ])
  })

  it.each([
    ['EXTINF:2.000,\n8', 'EXTINF:2.600,\n8', '4.4.3.1'],
    ['DURATION=1.000,URI="8.0', 'DURATION=1.100,URI="8.0', '4.4.4.9'],
    ['DURATION=1.000,URI="9.0', 'DURATION=0.700,URI="9.0', '4.4.4.9'],
    ['DURATION=1.000,URI="8.1', 'DURATION=0.500,URI="8.1', 'last'],
    ['CAN-SKIP-UNTIL=12', 'CAN-SKIP-UNTIL=4', '4.4.3.8'],
    ['PART-HOLD-BACK=3.000', 'PART-HOLD-BACK=1.500', '4.4.3.8'],
    ['CAN-BLOCK-RELOAD=YES', 'CAN-BLOCK-RELOAD=NO', '4.4.3.8'],
    ['#EXT-X-MAP:URI="i.mp4"\n', '', '4.4.4.5'],
    ['#EXT-X-PRELOAD-HINT:TYPE=PART,URI="9.1.m4s"\n', '', '4.4.5.3'],
    ['URI="9.1.m4s"', 'URI="9.0.m4s"', '4.4.5.3'],
    ['LAST-MSN=9,', '', '4.4.5.4'],
  ])('are broken by %j turned into %j', (from, to, rule) => {
    const bad = GOOD.replace(from, to)
    expect(bad).not.toBe(GOOD)
    expect(brokenRules(readPlaylist(bad)).join('; ')).toContain(rule)
  })

  it.each([
    ['8.m4s', '8b.m4s', 'another address'],
    ['TARGETDURATION:2', 'TARGETDURATION:3', 'target duration'],
    ['SEQUENCE:7', 'SEQUENCE:6', 'go back'],
    ['#EXTINF:2.000,\n8', '#EXTINF:1.900,\n8', 'another duration'],
    ['URI="8.1', 'URI="8.x', 'part 8.1 changed'],
    ['#EXTINF:2.000,\n7', '#EXT-X-DISCONTINUITY\n#EXTINF:2.000,\n7', 'changed its discontinuity'],
    ['DISCONTINUITY-SEQUENCE:1', 'DISCONTINUITY-SEQUENCE:2', 'counts the breaks'],
    ['"i.mp4"', '"j.mp4"', 'initialisation segment'],
  ])('are broken when %j turns into %j while the stream is live', (from, to, rule) => {
    expect(brokenBetween(readPlaylist(GOOD), readPlaylist(GOOD.replace(from, to))).join('; ')).toContain(rule)
  })

  it('are not read out of what is no playlist, or out of one that never ends (faults.md 38)', () => {
    expect(() => readPlaylist('<html>')).toThrow('begins with #EXTM3U')
    expect(() => readPlaylist('#EXTM3U\n#EXT-X-SURPRISE\n')).toThrow('what is this')
    const began = performance.now()
    expect(() => readPlaylist(`#EXTM3U\n${'a.ts\n'.repeat(1_000_000)}`)).toThrow('more than')
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})
