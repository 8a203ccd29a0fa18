import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeTestClip, readMarks, type TestClip } from '@millrace/media/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runToEnd } from '../../role-process.fixture.ts'
import { runBench } from './bench.ts'
import { readBenchFlags } from './bench-flags.ts'
import { CSV_HEADER, csvLine, frame, Totals } from './bench-text.ts'

let folder: string
let clip: TestClip
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  clip = await makeTestClip({ seconds: 4, width: 320, height: 180, fps: 30, seed: 4 })
  const lines = clip.segments.map(({ data, durationMs }, i) => {
    writeFileSync(join(folder, `${i}.ts`), data)
    return `#EXTINF:${durationMs / 1000},\n${i}.ts`
  })
  writeFileSync(join(folder, 'source.m3u8'), ['#EXTM3U', ...lines, '#EXT-X-ENDLIST', ''].join('\n'))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('millrace bench', () => {
  it('takes the command line of livepeer_bench, prints its columns and its summary, and writes what was made', async () => {
    const prefix = join(folder, 'out')
    const { code, out, err } = await runToEnd(folder, [
      ...['bench', '-in', join(folder, 'source.m3u8'), '-concurrentSessions', '2', '-segs', '1', '-live=false'],
      ...['-transcodingOptions', 'P144p30fps16x9,P240p30fps16x9', '-outPrefix', prefix],
    ])
    expect(code).toBe(0)
    const [header, ...lines] = out.trimEnd().split('\n')
    expect(header).toBe('timestamp,session,segment,seg_dur,transcode_time')
    expect(lines).toHaveLength(2)
    for (const line of lines)
      expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?,[01],0,2,\d+(\.\d+)?(e-\d+)?$/)
    expect(lines.map((line) => line.split(',')[1]).sort()).toEqual(['0', '1'])
    const summary = new Map([...err.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)].map(([, name, value]) => [name!, value!]))
    expect(Object.fromEntries(summary)).toMatchObject({
      ...{ 'Source File': join(folder, 'source.m3u8'), 'Live Mode': 'false' },
      ...{ 'Total Segs Transcoded': '2', 'Total Source Duration': '4s' },
    })
    expect(Number(summary.get('* Real-Time Duration Ratio *'))).toBeGreaterThan(0)
    const files = readdirSync(folder).filter((name) => name.startsWith('out_'))
    expect(files.sort()).toEqual(
      ['P144p30fps16x9_0_0_0', 'P144p30fps16x9_0_1_0', 'P240p30fps16x9_1_0_0', 'P240p30fps16x9_1_1_0'].map(
        (name) => `out_${name}.ts`,
      ),
    )
    for (const file of files) expect((await readMarks(readFileSync(join(folder, file)))).length).toBeGreaterThan(0)
  }, 30_000)

  it('finds how many sessions a machine can take', async () => {
    let [out, err] = ['', '']
    const io = { out: (text: string) => (out += text), err: (text: string) => (err += text) }
    // Few sessions of this fit into any machine, so that measuring is soon done.
    const short = await makeTestClip({ seconds: 0.2, segmentMs: 100, width: 320, height: 180, fps: 30, audio: false })
    writeFileSync(join(folder, 'short.ts'), short.segments[0]!.data)
    writeFileSync(join(folder, 'short.m3u8'), '#EXTM3U\n#EXTINF:0.1,\nshort.ts\n')
    const heavy = ['-preset', 'veryslow', '-transcodingOptions', 'P720p30fps16x9,P720p30fps16x9']
    await runBench(['-in', join(folder, 'short.m3u8'), '-concurrentSessions', 'auto', ...heavy], io)
    expect(out.startsWith(`${CSV_HEADER}\n`)).toBe(true)
    expect(err).toMatch(/\| Ratio With 1 +\| \d/)
    expect(err).toMatch(/\| Concurrent Sessions +\| [1-9]\d* +\|\n\| \* Real-Time Duration Ratio \*/)
  }, 60_000)

  it('says how it is used', async () => {
    let out = ''
    await runBench(['-help'], { out: (text) => (out += text), err: () => {} })
    for (const flag of ['-in', '-live', '-concurrentSessions', '-segs', '-transcodingOptions', '-outPrefix'])
      expect(out).toContain(`  ${flag} `)
  })

  it('needs a clip that is there', async () => {
    const { code, err } = await runToEnd(folder, ['bench', '-in', join(folder, 'nothing.m3u8')])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('nothing.m3u8') })
  })
})

describe('the flags', () => {
  it('have the defaults of livepeer_bench', () => {
    expect(readBenchFlags([])).toMatchObject({
      ...{ in: undefined, live: true, concurrentSessions: 1, segs: 0, outPrefix: undefined, engine: 'auto' },
      ...{ transcodingOptions: 'P240p30fps16x9,P360p30fps16x9,P720p30fps16x9' },
    })
    expect(readBenchFlags(['-live=false', '--concurrent-sessions', '7'])).toMatchObject({
      live: false,
      concurrentSessions: 7,
    })
  })

  it.each([
    [['-nvidia', '0'], 'flag_not_served', 'on the CPU'],
    [['-concurrentSession', '2'], 'unknown_flag', 'did you mean -concurrentSessions?'],
    [['film.mp4'], 'bad_flag', 'name the clip with -in'],
    [['-concurrentSessions', '0'], 'bad_flag', 'a whole number from 1'],
    [['-segs=-1'], 'bad_flag', '-segs'],
    [['-live=maybe'], 'bad_flag', 'true or false'],
    [['-engine=gpu'], 'bad_flag', '-engine must be'],
    [['-transcodingOptions=P1'], 'bad_flag', 'unknown preset'],
    [['-in'], 'bad_flag', 'needs a value'],
  ])('%j is refused', (args, code, message) => {
    expect(() => readBenchFlags(args)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})

describe('the figures', () => {
  it('are rounded to four digits, as livepeer_bench has them', () => {
    const at = new Date(2024, 1, 3, 4, 5, 6, 70)
    expect(csvLine({ at, session: 3, segment: 12, durationMs: 2002.002, elapsedMs: 123.456789 })).toBe(
      '2024-02-03 04:05:06.07,3,12,2.002,0.1235',
    )
    expect(csvLine({ at: new Date(2024, 1, 3), session: 0, segment: 0, durationMs: 2000, elapsedMs: 2 })).toBe(
      '2024-02-03 00:00:00,0,0,2,0.002',
    )
  })

  it('add up', () => {
    const totals = new Totals()
    totals.add({ durationMs: 2_000, elapsedMs: 1_000 })
    totals.add({ durationMs: 2_000, elapsedMs: 2_004 })
    expect(Object.fromEntries(totals.rows(2))).toEqual({
      'Concurrent Sessions': '2',
      'Total Segs Transcoded': '2',
      'Real-Time Segs Transcoded': '1',
      '* Real-Time Segs Ratio *': '0.5',
      'Total Source Duration': '4s',
      'Total Transcoding Duration': '3.004s',
      '* Real-Time Duration Ratio *': '0.751',
    })
    expect(frame([['a', '10']])).toBe('*---*----*\n| a | 10 |\n*---*----*\n')
  })
})
