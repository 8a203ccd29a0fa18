import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { request } from 'node:https'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, it } from 'vitest'
import { openOrchestrator } from '../../orchestrator/orchestrator-fixture.ts'

it.each(['//', '/\\<', '//['])(
  'a path that is none (%s) is a bad request, not a fault of the orchestrator',
  async (path) => {
    await using orchestrator = await openOrchestrator()
    expect(await statusOf(orchestrator.port(), path, 'POST')).toBe(400)
  },
)

it('a peer that offers nothing newer than TLS 1.1 is refused, and the next one is served', async () => {
  await using orchestrator = await openOrchestrator()
  const port = orchestrator.port()
  const old = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    // OpenSSL itself offers such versions only at this level.
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  const [error] = (await once(old, 'error')) as [Error]
  expect(error.message).toMatch(/alert protocol version|unsupported protocol|no protocols available/i)
  expect(await statusOf(port, '/healthz', 'GET')).toBe(200)
})

it('a peer that is connected and says nothing does not keep an orchestrator from stopping', async () => {
  const orchestrator = await openOrchestrator()
  const silent = connect(orchestrator.port(), '127.0.0.1')
  await once(silent, 'connect')
  const gone = once(silent, 'close')
  await orchestrator[Symbol.asyncDispose]()
  await gone
})

it('a gRPC message of 64 MB is refused before it is read, and the next call is answered', async () => {
  await using orchestrator = await openOrchestrator()
  const session = connectHttp2(`https://127.0.0.1:${orchestrator.port()}`, { rejectUnauthorized: false })
  session.on('error', () => {})
  const ping = async (length: number, body: Uint8Array): Promise<string> => {
    const head = Buffer.alloc(5)
    head.writeUInt32BE(length, 1)
    const stream = session.request({
      ':method': 'POST',
      ':path': '/net.Orchestrator/Ping',
      'content-type': 'application/grpc+proto',
      te: 'trailers',
    })
    stream.on('error', () => {})
    stream.resume()
    let status = ''
    const note = (headers: Readonly<Record<string, unknown>>) => {
      status = String(headers['grpc-status'] ?? status)
    }
    stream.on('response', note)
    stream.on('trailers', note)
    const answered = once(stream, 'end')
    stream.end(Buffer.concat([head, body]))
    await answered
    stream.close()
    return status
  }
  // 8 is RESOURCE_EXHAUSTED.
  expect(await ping(64 << 20, Buffer.alloc(1 << 20))).toBe('8')
  expect(await ping(0, Buffer.alloc(0))).toBe('0')
  session.destroy()
})

function statusOf(port: number, path: string, method: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ port, path, method, rejectUnauthorized: false }, (response) => resolve(response.resume().statusCode))
      .once('error', reject)
      .end()
  })
}
