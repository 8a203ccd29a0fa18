import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeTestClip } from '../testing/index.ts'
import { byteRange } from './byte-range.ts'
import { HlsOrigin } from './hls.ts'

const text = (body: Uint8Array) => new TextDecoder().decode(body)
const fake = (seq: number, size = 1_000) => ({
  seq,
  data: new Uint8Array(size).fill(seq),
  container: 'mpegts' as const,
  durationMs: 2_000,
})

describe('HLS origin', () => {
  let data: Uint8Array
  beforeAll(async () => {
    data = (await makeTestClip({ seconds: 2, width: 320, height: 180 })).segments[0]!.data
  })

  it('serves master and media playlists and segments at the paths of go-livepeer', () => {
    const origin = new HlsOrigin()
    for (let seq = 0; seq < 3; seq++) {
      origin.put('cam', { name: 'source' }, { ...fake(seq), data })
      origin.put(
        'cam',
        { name: '240p0', bandwidthBps: 250_000, width: 426, height: 240, codecs: 'avc1.64000d' },
        fake(seq),
      )
    }
    const master = origin.get('/stream/cam.m3u8')
    expect(master).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'application/x-mpegURL', 'Access-Control-Allow-Origin': '*' },
    })
    const bandwidth = Math.round((data.length * 8_000) / 2_000)
    expect(text(master.body)).toContain(
      `#EXT-X-STREAM-INF:PROGRAM-ID=0,BANDWIDTH=${bandwidth},AVERAGE-BANDWIDTH=${bandwidth},RESOLUTION=320x180,CODECS="avc1.64`,
    )
    expect(text(master.body)).toContain('mp4a.40.2"\ncam/source.m3u8\n')
    expect(text(origin.get('/stream/cam/source.m3u8').body)).toBe(
      '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n' +
        '#EXTINF:2.000,\nsource/0.ts\n#EXTINF:2.000,\nsource/1.ts\n#EXTINF:2.000,\nsource/2.ts\n',
    )
    const segment = origin.get('/stream/cam/source/1.ts')
    expect(segment).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'video/mp2t', 'Content-Length': String(data.length) },
    })
    // The same bytes but for the continuity counters, which go on from the segment before.
    expect(segment.body.every((byte, i) => i % 188 === 3 || byte === data[i])).toBe(true)
    expect(segment.body.length).toBe(data.length)
  })

  it('gives the master playlist when every rendition that was announced has a segment, or the stream is over', () => {
    const origin = new HlsOrigin()
    origin.expect('cam', ['source', '240p0'])
    expect(origin.get('/stream/cam.m3u8').status).toBe(404)
    origin.put('cam', { name: 'source' }, fake(0))
    expect(origin.get('/stream/cam.m3u8').status).toBe(404)
    expect(origin.get('/stream/cam/source.m3u8').status).toBe(200)
    origin.put('cam', { name: '240p0' }, fake(0))
    expect(text(origin.get('/stream/cam.m3u8').body)).toContain('cam/240p0.m3u8')
    origin.expect('film', ['source', '240p0'])
    origin.put('film', { name: 'source' }, fake(0))
    origin.end('film')
    expect(origin.get('/stream/film.m3u8').status).toBe(200)
  })

  it('keeps a window of six, and what just left it can still be fetched', () => {
    const origin = new HlsOrigin()
    for (let seq = 0; seq < 20; seq++) origin.put('cam', { name: 'source' }, fake(seq))
    const playlist = text(origin.get('/stream/cam/source.m3u8').body)
    expect(playlist).toContain('#EXT-X-MEDIA-SEQUENCE:14\n')
    expect(playlist.match(/#EXTINF/g)?.length).toBe(6)
    expect(origin.get('/stream/cam/source/12.ts').status).toBe(200)
    expect(origin.get('/stream/cam/source/3.ts').status).toBe(404)
  })

  it('lists segments in order although they arrive out of order, and a missing one as a gap', () => {
    const origin = new HlsOrigin()
    const put = (seq: number) => origin.put('cam', { name: 'a' }, fake(seq))
    put(0)
    put(2)
    expect(text(origin.get('/stream/cam/a.m3u8').body)).not.toContain('a/2.ts')
    put(1)
    expect(text(origin.get('/stream/cam/a.m3u8').body)).toMatch(/a\/1\.ts\n#EXTINF:2\.000,\na\/2\.ts/)
    origin.skip('cam', { name: 'a' }, 3, 2_000)
    put(4)
    expect(text(origin.get('/stream/cam/a.m3u8').body)).toMatch(
      /#EXT-X-GAP\n#EXTINF:2\.000,\na\/3\.ts\n#EXTINF:2\.000,\na\/4\.ts/,
    )
    for (const seq of [6, 7, 8]) put(seq)
    expect(text(origin.get('/stream/cam/a.m3u8').body)).toMatch(/#EXT-X-GAP\n#EXTINF:2\.000,\na\/5\.ts\n/)
  })

  it('marks breaks of the time line, counts those that left, and ends', () => {
    const origin = new HlsOrigin({ window: 2 })
    for (let seq = 0; seq < 5; seq++)
      origin.put('cam', { name: 'a' }, { ...fake(seq), discontinuity: seq === 1 || seq === 4 })
    expect(text(origin.get('/stream/cam/a.m3u8').body)).toMatch(
      /DISCONTINUITY-SEQUENCE:1[\s\S]*#EXT-X-DISCONTINUITY\n#EXTINF:2.000,\na\/4.ts/,
    )
    origin.end('cam')
    expect(text(origin.get('/stream/cam/a.m3u8').body)).toMatch(/#EXT-X-ENDLIST\n$/)
    origin.remove('cam')
    expect(origin.get('/stream/cam/a.m3u8').status).toBe(404)
  })

  it('answers byte ranges, and methods as HTTP wants it', () => {
    const origin = new HlsOrigin()
    origin.put('cam', { name: 'a' }, fake(7, 1_000))
    const ranged = (range: string) => origin.get('/stream/cam/a/7.ts', { range })
    expect(ranged('bytes=10-19')).toMatchObject({
      status: 206,
      headers: { 'Content-Range': 'bytes 10-19/1000', 'Content-Length': '10' },
    })
    expect(ranged('bytes=-5').body.length).toBe(5)
    expect(ranged('bytes=990-').body.length).toBe(10)
    expect(ranged('bytes=5000-')).toMatchObject({ status: 416, headers: { 'Content-Range': 'bytes */1000' } })
    for (const range of ['bytes=9-1', 'bytes=1-2,5-6', 'lines=1-2', 'bytes=--1', `bytes=${'9'.repeat(400)}-`])
      expect(ranged(range).status).toBe(200)
    expect(origin.get('/stream/cam/a/7.ts', { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'Content-Length': '1000' },
      body: new Uint8Array(0),
    })
    expect(origin.get('/stream/cam/a/7.ts', { method: 'DELETE' }).status).toBe(405)
  })

  it('finds nothing under paths that try to leave, and never throws on any path', () => {
    const origin = new HlsOrigin()
    origin.put('cam', { name: 'a' }, fake(0))
    for (const path of [
      '/stream/../../etc/passwd',
      '/stream/..%2f..%2fetc/passwd',
      '/stream/..\\..\\x',
      '/stream/cam/../cam.m3u8',
      '/stream/',
      '//',
      '/stream/cam/a/0.ts/x',
      '/stream/__proto__.m3u8',
    ])
      expect(origin.get(path).status).toBe(404)
    fc.assert(
      fc.property(fc.string(), (path) => {
        expect([200, 404]).toContain(origin.get(`/stream/${path}`).status)
      }),
    )
    fc.assert(fc.property(fc.string(), fc.nat(5_000), (range, size) => void byteRange(`bytes=${range}`, size)))
    expect(() => origin.put('../x', { name: 'a' }, fake(0))).toThrow(expect.objectContaining({ code: 'bad_name' }))
    expect(() => origin.put('cam', { name: 'a/b' }, fake(0))).toThrow(expect.objectContaining({ code: 'bad_name' }))
  })

  it('holds no more bytes of a stream than it may', () => {
    const origin = new HlsOrigin({ maxBytesPerStream: 10_000, window: 100, maxStreams: 2 })
    for (let seq = 0; seq < 100; seq++) origin.put('cam', { name: 'a' }, fake(seq, 3_000))
    expect(origin.bytes('cam')).toBeLessThanOrEqual(10_000)
    origin.put('two', { name: 'a' }, fake(0))
    expect(() => origin.put('three', { name: 'a' }, fake(0))).toThrow(
      expect.objectContaining({ code: 'too_many_streams' }),
    )
  })
})
