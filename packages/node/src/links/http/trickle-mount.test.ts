import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { subscribe, TricklePublisher } from '@millrace/ai'
import { silentLog } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCertificate } from '../tls.ts'
import { type Listening, listenSecure } from './listening.ts'
import { TrickleMount } from './trickle-mount.ts'

const LIMITS = { maxChannels: 5, maxChannelsPerOwner: 3, maxBytesPerOwner: 1_000 }

let folder: string
let mount: TrickleMount
let listening: Listening

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-mount-'))
  const serviceUri = () => `https://127.0.0.1:${listening.port}`
  mount = new TrickleMount({ ...LIMITS, serviceUri }, { log: silentLog })
  const headers = { payment: undefined, segment: undefined, traceparent: undefined }
  listening = await listenSecure(
    (request, response) => {
      const call = { path: request.url, headers, signal: new AbortController().signal }
      if (mount.door(request, response, call)) return
      response.writeHead(404)
      response.end()
    },
    { host: '127.0.0.1', port: 0, flag: 'none', certificate: await makeCertificate('127.0.0.1', folder) },
    { log: silentLog },
  )
  await mount.start()
})
afterEach(async () => {
  await mount.stop()
  await listening.close()
  await rm(folder, { recursive: true, force: true })
})

const publisher = (name: string) => new TricklePublisher({ url: mount.url(name), anyCertificate: true })
const reader = (name: string) => subscribe({ url: mount.url(name), anyCertificate: true, from: 0 })

describe('trickle channels at the port of an orchestrator', () => {
  it('carry segments while they come, and end for everybody at once', async () => {
    let ended = 0
    mount.create('job', 'video/MP2T', { owner: 'alice', onClose: () => ended++ })
    const writes = publisher('job')
    const reading = reader('job')
    await writes.write(Buffer.from('first'))
    const { value } = await reading.next()
    expect(value).toMatchObject({ seq: 0, mimeType: 'video/MP2T' })
    const chunks: Uint8Array[] = []
    for await (const chunk of value!.data) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('first')
    expect(mount.close('job')).toBe(true)
    expect((await reading.next()).done).toBe(true)
    expect([ended, mount.names]).toEqual([1, []])
    writes.stop()
  })

  it('carry segments over HTTP/2 too', async () => {
    mount.create('job', 'video/MP2T', { owner: 'alice' })
    const session = connect(mount.url(''), { rejectUnauthorized: false })
    const ask = (method: string, path: string, body = '') =>
      new Promise<{ readonly status: number; readonly seq: string; readonly text: string }>((resolve, reject) => {
        const stream = session.request({ ':method': method, ':path': `/ai/trickle/${path}` })
        let [head, text] = [{} as Record<string, unknown>, '']
        stream.on('response', (headers) => {
          head = headers
        })
        stream.on('data', (chunk) => {
          text += String(chunk)
        })
        stream.on('end', () => resolve({ status: Number(head[':status']), seq: String(head['lp-trickle-seq']), text }))
        stream.on('error', reject)
        if (body) stream.end(body)
      })
    const waiting = ask('GET', 'job/0')
    expect(await ask('POST', 'job/0', 'first')).toMatchObject({ status: 200, seq: '0' })
    expect(await waiting).toMatchObject({ status: 200, seq: '0', text: 'first' })
    expect((await ask('GET', 'job/next')).text).toBe('1')
    expect((await ask('GET', 'none/0')).status).toBe(404)
    await new Promise<void>((resolve) => session.close(resolve))
  })

  it('are those alone that the orchestrator created', async () => {
    await expect(publisher('mine').create()).rejects.toMatchObject({ code: 'channel_not_found' })
    expect(mount.names).toEqual([])
  })

  it('may be ended by whoever knows their name, and those who created them are told', async () => {
    let ended = 0
    mount.create('job', 'video/MP2T', { owner: 'alice', onClose: () => ended++ })
    await publisher('job').close()
    expect([ended, mount.names]).toEqual([1, []])
  })

  it('are bounded in number: for all, and for each account', () => {
    const create = (name: string, owner: string) => mount.create(name, 'video/MP2T', { owner })
    for (const name of ['a', 'b', 'c']) create(name, 'alice')
    expect(() => create('a', 'bob')).toThrow(expect.objectContaining({ code: 'channel_exists' }))
    expect(() => create('d', 'alice')).toThrow(expect.objectContaining({ code: 'too_many_channels' }))
    for (const name of ['d', 'e']) create(name, 'bob')
    expect(() => create('f', 'carol')).toThrow(expect.objectContaining({ code: 'too_many_channels' }))
    mount.close('a')
    create('a', 'alice')
  })

  it('hold so many bytes of an account and no more: a segment too large, or one too many, is refused', async () => {
    mount.create('large', 'video/MP2T', { owner: 'alice', maxSegmentBytes: 2_000 })
    mount.create('other', 'video/MP2T', { owner: 'alice' })
    mount.create('free', 'video/MP2T', { owner: 'bob' })
    const refused = (status: number) => expect.objectContaining({ code: 'segment_refused', meta: { status } })
    const writes = publisher('large')
    await expect(writes.write(new Uint8Array(2_001))).rejects.toEqual(refused(413))
    await writes.write(new Uint8Array(1_500))
    await expect(publisher('other').write(new Uint8Array(1))).rejects.toEqual(refused(503))
    await publisher('free').write(new Uint8Array(1))
    writes.stop()
  })
})
