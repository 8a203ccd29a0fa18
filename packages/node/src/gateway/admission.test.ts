import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { manifestId } from '@millrace/wire'
import { expect, it } from 'vitest'
import { listenPlain } from '../links/http/listening.ts'
import { Admission, cutSlowReader } from './admission.ts'
import { handlePush } from './http-ingest.ts'

const ID = manifestId('clip')

it('a stream has a bounded number of segments under way, and room again when one is done', () => {
  const admission = new Admission()
  const leaves = Array.from({ length: 16 }, () => admission.enter(ID))
  expect(() => admission.enter(ID)).toThrow(expect.objectContaining({ code: 'too_many_segments', retryable: true }))
  expect(admission.enter(manifestId('other'))).toBeDefined()
  leaves[0]!()
  leaves[0]!()
  admission.enter(ID)
  expect(() => admission.enter(ID)).toThrow()
})

it('all streams together have a bounded number too', () => {
  const admission = new Admission()
  for (let i = 0; i < 256; i++) admission.enter(manifestId(`stream-${i}`))
  expect(() => admission.enter(ID)).toThrow()
})

it('a publisher who pushes faster than anybody transcodes is refused before his segment is read', async () => {
  const admission = new Admission()
  let held = 0
  const server = await listenPlain(
    (request, response) =>
      void handlePush(request, response, {
        cameBy: { clientIp: undefined, host: undefined },
        enter: (id) => admission.enter(id),
        push: () => {
          held++
          return new Promise(() => {})
        },
      }),
    { host: '127.0.0.1', port: 0, flag: '--http-port' },
  )
  const give = new AbortController()
  const push = (seq: number) =>
    fetch(`http://127.0.0.1:${server.port}/live/clip/${seq}.ts`, { method: 'PUT', body: 'x', signal: give.signal })
  const pushes = Array.from({ length: 16 }, (_, seq) => push(seq).catch(() => {}))
  await expect.poll(() => held).toBe(16)
  expect((await push(16)).status).toBe(503)
  expect(held).toBe(16)
  give.abort()
  await Promise.all(pushes)
  await server.close()
})

it('a slow reader is cut off, and a quick one is not', async () => {
  let closed = 0
  const large = Buffer.alloc(30_000_000)
  const server = createServer(({ url }, response: ServerResponse) => {
    // Quick is what a busy machine can do, too.
    cutSlowReader(response, url === '/slow' ? 200 : 20_000)
    response.once('close', () => closed++)
    response.end(large)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const never = connect(port, '127.0.0.1').on('error', () => {})
  never.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
  await expect.poll(() => closed).toBe(1)
  expect(never.bytesRead).toBeLessThan(large.length)
  never.destroy()
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(large.length)
  await expect.poll(() => closed).toBe(2)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
