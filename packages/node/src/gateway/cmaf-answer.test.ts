import { once } from 'node:events'
import { connect } from 'node:net'
import { CmafOrigin, cmafInit, cmafTrackOf, PartCutter } from '@millrace/media'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import { answerCmaf } from './cmaf-answer.ts'

const SOURCE = { name: 'source', kind: 'video' } as const
let clip: TestClip
let init: Uint8Array
let parts: readonly Uint8Array[]
let origin: CmafOrigin
let listening: Listening
let url: string

beforeAll(async () => {
  clip = await makeTestClip({ seconds: 2, width: 160, height: 90, audio: false })
  init = cmafInit(cmafTrackOf(clip.frames[0]!)!)
  const cutter = new PartCutter(() => 200)
  parts = clip.frames.flatMap((frame) => cutter.push(frame)?.data ?? [])
  listening = await listenPlain(
    (request, response) => void answerCmaf(origin, request, response, { readWithinMs: 300 }),
    { host: '127.0.0.1', port: 0, flag: '-httpAddr' },
  )
  url = `http://127.0.0.1:${listening.port}/cmaf/cam`
})
afterAll(() => listening?.close())
beforeEach(() => {
  origin = new CmafOrigin({ run: () => 'r', maxWaiting: 1 })
  for (const seq of [0, 1])
    for (const [index, data] of parts.entries())
      if (seq === 0 || index < 3) put(seq, index, data, index === parts.length - 1)
})

const put = (seq: number, index: number, data: Uint8Array, last = false) =>
  origin.putPart('cam', SOURCE, { seq, index, independent: index === 0, durationMs: 200, data, init, last })

it('sends playlists and parts with their headers', async () => {
  const playlist = await fetch(`${url}/source/ll.m3u8`)
  expect(playlist.headers.get('content-type')).toBe('application/vnd.apple.mpegurl')
  expect(await playlist.text()).toContain('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="r-1.3.m4s"')
  const part = await fetch(`${url}/source/r-1.0.m4s`, { headers: { range: 'bytes=4-7' } })
  expect([part.status, await part.text()]).toEqual([206, 'moof'])
  const again = await fetch(`${url}/source/r-1.0.m4s`, {
    headers: { 'if-none-match': part.headers.get('etag') as string },
  })
  expect(again.status).toBe(304)
  expect((await fetch(`${url}/source/ll.m3u8`, { method: 'POST', body: 'x' })).status).toBe(405)
})

it('answers a request that waits when the part comes', async () => {
  const waiting = fetch(`${url}/source/ll.m3u8?_HLS_msn=1&_HLS_part=3`)
  await expect.poll(async () => (await fetch(`${url}/source/ll.m3u8?_HLS_msn=1&_HLS_part=4`)).status).toBe(503)
  put(1, 3, parts[3]!)
  expect(await (await waiting).text()).toContain('URI="r-1.3.m4s"')
})

it('lets go of a viewer who went away while it waited', async () => {
  const gone = new AbortController()
  const waiting = fetch(`${url}/source/ll.m3u8?_HLS_msn=1&_HLS_part=3`, { signal: gone.signal })
  await expect.poll(async () => (await fetch(`${url}/source/ll.m3u8?_HLS_msn=1&_HLS_part=4`)).status).toBe(503)
  gone.abort()
  await expect(waiting).rejects.toThrow()
  // The only place is free again: the next one waits, and is answered.
  await expect
    .poll(async () => {
      const next = fetch(`${url}/source/ll.m3u8?_HLS_msn=1&_HLS_part=3`)
      return Promise.race([next.then(({ status }) => status), new Promise((r) => setTimeout(() => r('waits'), 50))])
    })
    .toBe('waits')
})

it('sends a segment while it is made, and its end when it is there', async () => {
  const response = await fetch(`${url}/source/r-1.m4s`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const body = response.arrayBuffer()
  for (const [index, data] of parts.entries()) if (index >= 3) put(1, index, data, index === parts.length - 1)
  expect(Buffer.from(await body).equals(Buffer.concat(parts))).toBe(true)
})

it('cuts off a reader who takes nothing, and serves the others meanwhile (faults.md 41)', async () => {
  put(1, 3, new Uint8Array(64 << 20))
  const socket = connect(listening.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  socket.write('GET /cmaf/cam/source/r-1.3.m4s HTTP/1.1\r\nHost: x\r\n\r\n')
  const began = Date.now()
  let received = 0
  socket.on('error', () => {})
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect((await fetch(`${url}/source/ll.m3u8`)).status).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 400))
  socket.on('data', (chunk) => {
    received += chunk.length
  })
  socket.resume()
  await once(socket, 'close')
  expect(received).toBeLessThan(64 << 20)
  expect(Date.now() - began).toBeLessThan(5_000)
})
