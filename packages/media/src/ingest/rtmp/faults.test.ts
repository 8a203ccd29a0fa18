import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { segmentFrames } from '../../segment/segmenter.ts'
import { makeMediaFile, publishFile } from '../../testing/index.ts'
import type { Publication } from '../publication.ts'
import { RtmpServer } from './server.ts'

const hashing = new Hashing()
const publications: Publication[] = []
let server: RtmpServer
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-rtmp-'))
  server = new RtmpServer(
    { port: 0 },
    { log: silentLog, onPublish: () => ({ accept: true }), onPublication: (given) => publications.push(given) },
  )
  await server.start()
})
afterAll(async () => {
  await server.stop()
  await hashing.stop()
  await rm(folder, { recursive: true, force: true })
})

async function segmentsOf(video: string | undefined, audio: string | undefined) {
  const path = join(folder, `${video}-${audio}.mkv`)
  await makeMediaFile({ path, format: 'matroska', video, audio, seconds: 4 })
  const sent = publishFile({ path, url: `rtmp://127.0.0.1:${server.port}/live/${video}-${audio}` })
  while (publications.length === 0) await sleep(10)
  const { frames } = publications.pop() as Publication
  const counts: { videoFrames: number; audioFrames: number }[] = []
  for await (const segment of segmentFrames(frames, { manifestId: manifestId('x') }, { hashing }))
    counts.push(await segment.closed)
  await sent
  return counts
}

describe('publishers by RTMP', () => {
  it('may send sound alone (faults.md 10)', async () => {
    const segments = await segmentsOf(undefined, 'aac')
    expect(segments.length).toBeGreaterThanOrEqual(2)
    expect(segments.every(({ videoFrames }) => videoFrames === 0)).toBe(true)
    expect(segments.reduce((sum, { audioFrames }) => sum + audioFrames, 0)).toBeGreaterThan(180)
  })

  it('may send pictures alone (faults.md 11)', async () => {
    const segments = await segmentsOf('h264', undefined)
    expect(segments.reduce((sum, { videoFrames }) => sum + videoFrames, 0)).toBe(100)
    expect(segments.every(({ audioFrames }) => audioFrames === 0)).toBe(true)
  })

  it('hold no memory for what a hundred of them only claim to send (faults.md 3)', async () => {
    const before = process.memoryUsage().rss
    // 8 MB less one byte is as much as a message may have; 16 MB ends the connection at once.
    const claim = Buffer.from([3, 0, 0, 0, 0x7f, 0xff, 0xff, 9, 0, 0, 0, 0])
    const clients = await Promise.all(
      Array.from(
        { length: 100 },
        () =>
          new Promise<Socket>((resolve) => {
            const socket = connect(server.port, '127.0.0.1', () => {
              socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536), claim, Buffer.alloc(128)]))
              resolve(socket)
            })
            socket.on('error', () => {})
            socket.resume()
          }),
      ),
    )
    await sleep(300)
    expect(server.connections).toBe(100)
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
    for (const client of clients) client.destroy()
    await expect.poll(() => server.connections).toBe(0)
  })
})
