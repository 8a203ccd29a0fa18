import { connect } from 'node:net'
import { MillraceError } from '@millrace/base'
import { parseMultipart } from '@millrace/base/node'
import { DEFAULT_LADDER, sessionId, type VideoProfile } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import { Admission } from './admission.ts'
import type { BoughtSegment } from './buyer.ts'
import { handlePush, type PushDeps, type PushedSegment } from './http-ingest.ts'
import type { StreamSegmentResult } from './stream.ts'

const ORCHESTRATOR = '0x00000000000000000000000000000000000000aa'
const BODY = Buffer.from('a segment')
const LADDER: readonly VideoProfile[] = [DEFAULT_LADDER[0]!, { ...DEFAULT_LADDER[1]!, format: 'mp4' }]
const RENDITIONS = LADDER.map((profile, i) => ({
  profile,
  // What looks like a boundary inside the media must not end a part.
  data: new Uint8Array(Buffer.from(`rendition ${i}\r\n--\r\n--0123`)),
}))
const BOUGHT: BoughtSegment = {
  orchestrator: ORCHESTRATOR,
  sessionId: sessionId('s'),
  renditions: RENDITIONS.map(({ data }) => data),
  pixels: 1n,
  feeWei: 12345678901234567890n,
  tickets: 7,
  paid: true,
  commitment: undefined,
  traceparent: '',
}

let server: Listening
let origin: string
let pushed: PushedSegment[]
let push: PushDeps['push']
let admission: Admission

beforeEach(async () => {
  pushed = []
  admission = new Admission()
  push = async () => ({ renditions: RENDITIONS, bought: BOUGHT })
  server = await listenPlain(
    (request, response) =>
      void handlePush(request, response, {
        cameBy: { clientIp: request.socket.remoteAddress, host: request.headers.host },
        enter: (id) => admission.enter(id),
        push: (segment, options) => {
          pushed.push(segment)
          return push(segment, options)
        },
      }),
    { host: '127.0.0.1', port: 0, flag: '--http-port' },
  )
  origin = `http://127.0.0.1:${server.port}`
})

afterEach(async () => server.close())

const send = (path: string, more: RequestInit = {}) => fetch(`${origin}${path}`, { method: 'PUT', body: BODY, ...more })

async function refused(path: string, more: RequestInit = {}) {
  const response = await send(path, more)
  return [response.status, (await response.text()).trim()]
}

describe('a pushed segment', () => {
  it.each(['PUT', 'POST'])('is taken with %s, with its names from the path', async (method) => {
    const response = await send('/live/my~clip.1/42.ts', { method })
    expect(response.status).toBe(200)
    expect(pushed).toEqual([
      {
        manifestId: 'my~clip.1',
        seq: 42,
        container: 'mpegts',
        durationMs: 2_000,
        data: new Uint8Array(BODY),
        clientIp: '127.0.0.1',
      },
    ])
  })

  it('is MP4 when its name says so, and as long as its header says', async () => {
    await send('/live/clip/0.mp4', { headers: { 'Content-Duration': '1500' } })
    expect(pushed[0]).toMatchObject({ container: 'mp4', durationMs: 1_500, seq: 0 })
  })

  it('is answered with an empty body and its bill', async () => {
    const response = await send('/live/clip/1.ts')
    expect(response.status).toBe(200)
    expect((await response.arrayBuffer()).byteLength).toBe(0)
    expect(response.headers.get('Millrace-Fee-Wei')).toBe('12345678901234567890')
    expect(response.headers.get('Millrace-Tickets')).toBe('7')
    expect(response.headers.get('Millrace-Orchestrator')).toBe(ORCHESTRATOR)
  })

  it('is answered with its renditions as multipart/mixed when they are asked for (wire spec 6.2)', async () => {
    const response = await send('/live/clip/9.ts', { headers: { Accept: 'multipart/mixed' } })
    expect(response.status).toBe(200)
    const [, boundary] = /^multipart\/mixed; boundary=([0-9a-f]{20})$/.exec(response.headers.get('content-type')!)!
    expect(response.headers.get('Millrace-Fee-Wei')).toBe('12345678901234567890')
    const body = new Uint8Array(await response.arrayBuffer())
    const parts = parseMultipart(body, boundary!)
    expect(parts.map((part) => Buffer.from(part.body))).toEqual(RENDITIONS.map(({ data }) => Buffer.from(data)))
    const [first, second] = LADDER.map(({ name }) => name)
    expect(parts.map(({ headers }) => ({ ...headers }))).toEqual([
      {
        'content-type': `video/mp2t; name="${first}_9.ts"`,
        'content-length': String(RENDITIONS[0]!.data.length),
        'content-disposition': `attachment; filename="${first}_9.ts"`,
        'rendition-name': first,
      },
      {
        'content-type': `video/mp4; name="${second}_9.mp4"`,
        'content-length': String(RENDITIONS[1]!.data.length),
        'content-disposition': `attachment; filename="${second}_9.mp4"`,
        'rendition-name': second,
      },
    ])
    // A reader other than ours agrees on where the parts are.
    const form = Buffer.from(body).toString('latin1')
    expect(form.startsWith(`--${boundary}\r\n`)).toBe(true)
    expect(form.endsWith(`\r\n--${boundary}--\r\n`)).toBe(true)
  })

  it('of a stream without a ladder needs no orchestrator', async () => {
    push = async () => ({ renditions: [], bought: undefined })
    const response = await send('/live/clip/1.ts')
    expect(response.status).toBe(200)
    expect(response.headers.get('Millrace-Fee-Wei')).toBeNull()
  })
})

describe('a push is refused', () => {
  it('with 400 when it is to last a second more than five minutes (faults.md 27)', async () => {
    const most = await send('/live/clip/1.ts', { headers: { 'Content-Duration': '300000' } })
    expect(most.status).toBe(200)
    pushed.length = 0
    const answer = await refused('/live/clip/2.ts', { headers: { 'Content-Duration': '301000' } })
    expect(answer).toEqual([400, expect.stringContaining('Content-Duration must be 1 to 300000')])
    expect(pushed).toEqual([])
  })

  it.each([
    ['405 for another method', '/live/clip/1.ts', { method: 'PATCH' }, 405, 'send segments with PUT or POST'],
    ['400 without a seq', '/live/clip', {}, 400, 'expected /live/<manifestId>/<seq>.ts'],
    ['400 for a seq that is no number', '/live/clip/one.ts', {}, 400, 'expected /live/<manifestId>/<seq>.ts'],
    ['400 for a seq too long to be exact', `/live/clip/${'9'.repeat(16)}.ts`, {}, 400, 'expected /live/'],
    ['400 for a playlist', '/live/clip/1.m3u8', {}, 400, 'ignoring file extension: .m3u8'],
    ['400 for a name that is none', '/live/c%2fd/1.ts', {}, 400, 'a manifest id has letters, digits'],
    ['400 for a name that hides', '/live/.clip/1.ts', {}, 400, 'a manifest id has letters, digits'],
    ['400 for no duration', '/live/clip/1.ts', { headers: { 'Content-Duration': '0' } }, 400, 'Content-Duration must'],
    ['400 for half a millisecond', '/live/clip/1.ts', { headers: { 'Content-Duration': '0.5' } }, 400, 'Content-Dur'],
    ['400 for words', '/live/clip/1.ts', { headers: { 'Content-Duration': 'two' } }, 400, 'Content-Duration must'],
    ['400 for an hour', '/live/clip/1.ts', { headers: { 'Content-Duration': '3600000' } }, 400, 'Content-Duration'],
    ['422 when it is empty', '/live/clip/1.ts', { body: '' }, 422, 'the segment is empty'],
  ] as const)('with %s', async (_, path, more, status, text) => {
    const answer = await refused(path, more as RequestInit)
    expect(answer).toEqual([status, expect.stringContaining(text)])
    expect(pushed).toEqual([])
  })

  it.each([
    ['503 when there are too many streams', new MillraceError('stream_limit', 'max sessions exceeded'), 503],
    ['422 when it is no video', new MillraceError('not_a_video', 'not a video'), 422],
    ['422 when a cause says it is no video', wrap(new MillraceError('not_a_video', 'not a video')), 422],
    ['503 when the gateway stops', new MillraceError('stopping', 'the gateway is stopping'), 503],
    ['409 when there is a live stream of that name', new MillraceError('stream_exists', 'there is one already'), 409],
    ['408 when the body does not come', new MillraceError('body_timeout', 'nothing came'), 408],
    ['400 when the body ends too early', new MillraceError('body_truncated', 'it broke off'), 400],
    ['500 for anything else', new Error('the disk is full'), 500],
  ] as const)('with %s', async (_, error, status) => {
    push = async () => {
      throw error
    }
    expect(await refused('/live/clip/1.ts')).toEqual([status, error.message])
  })

  it('with 503 when nobody transcoded it', async () => {
    push = async () => ({ renditions: RENDITIONS, bought: undefined, lost: 'no_orchestrator' })
    expect(await refused('/live/clip/1.ts')).toEqual([503, 'No sessions available'])
  })

  it('with 422 when no orchestrator could transcode it (wire spec 6.2)', async () => {
    push = async () => ({ renditions: RENDITIONS, bought: undefined, lost: 'not_transcodable' })
    expect((await refused('/live/clip/1.ts'))[0]).toBe(422)
  })

  it('with 400 when its path cannot be read', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.end('PUT // HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
  })
})

it('a publisher that goes away ends the work for its segment', async () => {
  let gone: (reason: unknown) => void = () => {}
  const aborted = new Promise((resolve) => {
    gone = resolve
  })
  const leaving = new AbortController()
  push = (_, { signal }) =>
    new Promise<StreamSegmentResult>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        gone(signal.reason)
        reject(signal.reason)
      })
      leaving.abort()
    })
  await expect(send('/live/clip/1.ts', { signal: leaving.signal })).rejects.toThrow()
  expect(await aborted).toMatchObject({ code: 'peer_gone' })
})

function wrap(cause: MillraceError): MillraceError {
  return new MillraceError('transcode_failed', 'it failed', { cause })
}
