import { createCipheriv, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Publication } from '../ingest/publication.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { type FolderServer, makeMediaFile, serveFolder } from '../testing/index.ts'
import { openFileSource } from './file.ts'

const deps = { log: silentLog }
const servers: FolderServer[] = []
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-pull-'))
  const clip = { video: 'h264', audio: 'aac', seconds: 4, fps: 25 } as const
  const hls = { hls_time: '1', hls_list_size: '0' }
  await Promise.all([
    makeMediaFile({ ...clip, path: join(folder, 'clip.mp4'), format: 'mp4' }),
    makeMediaFile({ ...clip, path: join(folder, 'clip.ts'), format: 'mpegts' }),
    makeMediaFile({ ...clip, path: join(folder, 'ts.m3u8'), format: 'hls', muxer: hls }),
    makeMediaFile({
      ...clip,
      path: join(folder, 'fmp4.m3u8'),
      format: 'hls',
      muxer: { ...hls, hls_segment_type: 'fmp4', hls_fmp4_init_filename: 'init.mp4' },
    }),
    makeMediaFile({ ...clip, audio: undefined, path: join(folder, 'video.m3u8'), format: 'hls', muxer: hls }),
    makeMediaFile({ ...clip, video: undefined, path: join(folder, 'audio.m3u8'), format: 'hls', muxer: hls }),
  ])
})
afterAll(async () => {
  for (const server of servers.splice(0)) server.close()
  await rm(folder, { recursive: true, force: true })
})

async function serve(answer?: Parameters<typeof serveFolder>[1]): Promise<FolderServer> {
  const server = await serveFolder(folder, answer)
  servers.push(server)
  return server
}

const open = (path: string) => openFileSource({ path, allowPrivate: true, realtime: false }, deps)
const framesOf = async (source: Publication): Promise<CodedFrame[]> => {
  const out: CodedFrame[] = []
  for await (const frame of source.frames) out.push(frame)
  return out
}
const pictures = async (source: Publication) => (await framesOf(source)).filter(({ kind }) => kind === 'video')

describe.concurrent('a source by web address', () => {
  it('is a file with its index at the end, read by ranges', async () => {
    const server = await serve()
    expect((await pictures(await open(`${server.url}/clip.mp4`))).length).toBe(100)
    expect(server.asked.length).toBeGreaterThan(1)
  })

  it('is a transport stream that never says how long it is', async () => {
    const data = await readFile(join(folder, 'clip.ts'))
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' })
      response.end(data)
      return true
    })
    const frames = await framesOf(await open(`${server.url}/live`))
    expect(frames.filter(({ kind }) => kind === 'video').length).toBe(100)
    expect(frames.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(180)
  })

  it.each(['ts.m3u8', 'fmp4.m3u8'])('is a playlist: %s', async (name) => {
    const server = await serve()
    const frames = await framesOf(await open(`${server.url}/${name}`))
    expect(frames.filter(({ kind }) => kind === 'video').length).toBe(100)
    expect(frames.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(180)
  })

  it('is a master playlist whose sound stands apart', async () => {
    await writeFile(
      join(folder, 'master.m3u8'),
      '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="audio.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nnowhere.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900000,AUDIO="a"\nvideo.m3u8\n',
    )
    const server = await serve()
    const frames = await framesOf(await open(`${server.url}/master.m3u8`))
    expect(frames.filter(({ kind }) => kind === 'video').length).toBe(100)
    const sound = frames.filter(({ kind }) => kind === 'audio')
    expect(sound.length).toBeGreaterThan(180)
    // They come side by side, not one after the other.
    expect(frames.findIndex(({ kind }) => kind === 'audio')).toBeLessThan(60)
  })

  it('is a live playlist that grows, with a break that is followed on one time line', async () => {
    const segments = (await readFile(join(folder, 'ts.m3u8'), 'utf8'))
      .split('\n')
      .filter((line) => line.endsWith('.ts'))
    let looks = 0
    const server = await serve((request, response) => {
      if (!request.url?.startsWith('/live.m3u8')) return false
      looks++
      const list = [...segments, ...segments].slice(0, 4 + looks)
      const text = list.map((name, i) => `${i === 6 ? '#EXT-X-DISCONTINUITY\n' : ''}#EXTINF:1,\n${name}`).join('\n')
      response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:0.5\n${text}\n${list.length === 8 ? '#EXT-X-ENDLIST' : ''}\n`)
      return true
    })
    const frames = await pictures(await open(`${server.url}/live.m3u8`))
    // The playlist is looked at twice to see what it is; then it has seven segments, and is begun three before its end.
    expect(frames.length).toBe(4 * 25)
    expect(frames.every((frame, i) => i === 0 || frame.dts > frames[i - 1]!.dts)).toBe(true)
    expect(frames.at(-1)!.dts - frames[0]!.dts).toBeLessThan(5 * 90_000)
    expect(looks).toBe(4)
  })

  it('may be encrypted with AES-128', async () => {
    const key = randomBytes(16)
    const list = (await readFile(join(folder, 'ts.m3u8'), 'utf8')).split('\n').filter((line) => line.endsWith('.ts'))
    const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:2', '#EXT-X-KEY:METHOD=AES-128,URI="/key"']
    for (const [i, name] of list.entries()) {
      const vector = Buffer.alloc(16)
      vector.writeUInt32BE(i, 12)
      const cipher = createCipheriv('aes-128-cbc', key, vector)
      await writeFile(
        join(folder, `secret${i}`),
        Buffer.concat([cipher.update(await readFile(join(folder, name))), cipher.final()]),
      )
      lines.push('#EXTINF:1,', `secret${i}`)
    }
    await writeFile(join(folder, 'secret.m3u8'), [...lines, '#EXT-X-ENDLIST', ''].join('\n'))
    const server = await serve((request, response) => request.url === '/key' && Boolean(response.end(key)))
    expect((await pictures(await open(`${server.url}/secret.m3u8`))).length).toBe(100)
  })
})

describe.concurrent('a hostile playlist', () => {
  const playlist = (text: string) =>
    serve((request, response) => request.url === '/list.m3u8' && Boolean(response.end(`#EXTM3U\n${text}`)))
  const failure = async (server: FolderServer) => {
    const source = await open(`${server.url}/list.m3u8`)
    await framesOf(source)
  }

  it.each([
    'file:///etc/passwd',
    'concat:file:///etc/passwd|file:///etc/hosts',
    'subfile,,start,0,end,100,,:/etc/passwd',
    'data:text/plain;base64,AAAA',
    'gopher://127.0.0.1:70/_x',
  ])('opens nothing but the web: %s (faults.md 35)', async (uri) => {
    const segment = await playlist(`#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${uri}\n#EXT-X-ENDLIST\n`)
    await expect(failure(segment)).rejects.toMatchObject({
      code: expect.stringMatching(/address_kind_refused|source_unreachable|address_refused/),
    })
    const variant = await playlist(`#EXT-X-STREAM-INF:BANDWIDTH=1\n${uri}\n`)
    await expect(failure(variant)).rejects.toMatchObject({
      code: expect.stringMatching(/address_kind_refused|source_unreachable|address_refused/),
    })
    const init = await playlist(`#EXT-X-MAP:URI="${uri}"\n#EXTINF:2,\nts0.ts\n#EXT-X-ENDLIST\n`)
    await expect(failure(init)).rejects.toMatchObject({
      code: expect.stringMatching(/address_kind_refused|source_unreachable|address_refused/),
    })
  })

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]:1/x.ts',
    'http://0x7f.2/x.ts',
    'http://10.0.0.1/x.ts',
  ])('leads to no private address but the one that the operator named: %s (faults.md 36)', async (uri) => {
    const server = await playlist(`#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${uri}\n#EXT-X-ENDLIST\n`)
    await expect(failure(server)).rejects.toMatchObject({ code: 'private_address' })
  })

  it('is refused with a million lines (faults.md 38)', async () => {
    const server = await playlist('#EXTINF:2,\na.ts\n'.repeat(500_000))
    await expect(failure(server)).rejects.toMatchObject({
      code: expect.stringMatching(/bad_source_playlist|body_too_large/),
    })
  })

  it('is refused where masters name masters (faults.md 38)', async () => {
    const server = await playlist('#EXT-X-STREAM-INF:BANDWIDTH=1\nlist.m3u8\n')
    await expect(failure(server)).rejects.toMatchObject({ code: 'bad_source_playlist' })
  })

  it('is refused without a segment, and a source on a private host that nobody allowed', async () => {
    const server = await playlist('#EXT-X-ENDLIST\n')
    await expect(failure(server)).rejects.toMatchObject({ code: 'not_a_video' })
    await expect(openFileSource({ path: `${server.url}/list.m3u8` }, deps)).rejects.toMatchObject({
      code: 'private_address',
    })
  })
})
