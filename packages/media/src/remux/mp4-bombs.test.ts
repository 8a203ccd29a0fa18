import { describe, expect, it } from 'vitest'
import { readMp4Frames } from './mp4-reader.ts'

const box = (type: string, ...content: Uint8Array[]): Buffer => {
  const body = Buffer.concat(content)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}
const nested = (depth: number): Buffer => {
  let inner = box('free')
  for (let i = 0; i < depth; i++) inner = box(i % 2 ? 'moov' : 'trak', inner)
  return box('moov', inner)
}
const counted = (type: string, count: number) => {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(count, 4)
  return box(type, head)
}
const track = (...tables: Buffer[]) => box('moov', box('trak', box('mdia', box('minf', box('stbl', ...tables)))))

describe('an MP4 file that is made to exhaust its reader', () => {
  it.each([
    ['is one box of four gigabytes', Buffer.concat([Buffer.of(0xff, 0xff, 0xff, 0xff), Buffer.from('moov')])],
    ['has a box without a length', Buffer.concat([Buffer.of(0, 0, 0, 2), Buffer.from('moov'), Buffer.alloc(64)])],
    ['has a hundred thousand empty boxes', box('moov', ...Array.from({ length: 100_000 }, () => box('free')))],
    ['nests its boxes five thousand deep', nested(5_000)],
    ['claims two thousand million times', track(counted('stts', 2 ** 31), counted('stsz', 2 ** 31))],
    ['claims two thousand million chunks', track(counted('stco', 2 ** 31), counted('stsc', 2 ** 31 - 1))],
  ])('%s (faults.md 32)', (_, data) => {
    const before = process.memoryUsage().rss
    const began = performance.now()
    let frames: unknown[] = []
    try {
      frames = readMp4Frames(data)
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad_mp4' })
    }
    expect(frames).toEqual([])
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
  })
})
