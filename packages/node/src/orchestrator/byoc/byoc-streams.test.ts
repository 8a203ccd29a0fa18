import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLog, systemClock, utf8 } from '@millrace/base'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ByocJob } from '../../links/byoc-links.ts'
import { TrickleMount } from '../../links/http/trickle-mount.ts'
import { ByocStreams } from './byoc-streams.ts'

const SOON = { timeout: 10_000 }
const call = { signal: new AbortController().signal }
let app: Server
let told: { readonly path: string | undefined; readonly body: Record<string, string> }[]
let status: number
let trickle: TrickleMount
let streams: ByocStreams
let released: number
let isRich: boolean

beforeEach(async () => {
  told = []
  status = 200
  released = 0
  isRich = true
  app = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    told.push({ path: request.url, body: JSON.parse(text) })
    response.writeHead(status).end('heard')
  })
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  trickle = new TrickleMount({ serviceUri: () => 'https://orchestrator:8935' }, { log: silentLog })
  streams = new ByocStreams(
    { chargeSeconds: 0.05, hostForApps: 'inside:1' },
    { trickle, clock: systemClock, log: silentLog },
  )
})
afterEach(async () => {
  await streams.close()
  await trickle.stop()
  app.closeAllConnections()
  app.close()
})

const job = (more: Partial<ByocJob> = {}): ByocJob => ({
  ...{ id: 'show', capability: 'live', sender: 'somebody', token: undefined, timeoutMs: 5_000, streamId: 'show' },
  url: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
  parameters: { include: [], exclude: [], videoIngress: true, videoEgress: true, dataOutput: true },
  charge: () => isRich,
  sold: () => {},
  balance: () => '0',
  removeCapability: () => {},
  release: () => released++,
  ...more,
})
const start = (more?: Partial<ByocJob>) => streams.startStream(job(more), utf8('{"params":{"a":1}}'), call)

it('a stream has the channels that it asked for: the gateway and the app see each from their own side', async () => {
  const { headers } = await start()
  const at = 'https://orchestrator:8935/ai/trickle/show'
  expect(headers).toEqual({
    ...{ 'X-Control-Url': `${at}-control`, 'X-Events-Url': `${at}-events`, 'X-Data-Url': `${at}-data` },
    ...{ 'X-Publish-Url': at, 'X-Subscribe-Url': `${at}-out` },
  })
  const inside = 'https://inside:1/ai/trickle/show'
  expect(told).toEqual([
    {
      path: '/stream/start',
      body: {
        ...{ gateway_request_id: 'show', control_url: `${inside}-control`, events_url: `${inside}-events` },
        ...{ subscribe_url: inside, publish_url: `${inside}-out`, data_url: `${inside}-data`, params: { a: 1 } },
      },
    },
  ])
  await expect(start()).rejects.toMatchObject({ status: 409 })
  expect(released).toBe(1)
})

it('a stream that is not paid any more ends: its channels, its place, and its app hears of it', async () => {
  await start()
  isRich = false
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ path: '/stream/stop' }), SOON)
  expect([released, trickle.names]).toEqual([1, []])
  await expect(streams.updateStream(job(), utf8('{}'), call)).rejects.toMatchObject({ status: 404 })
})

it('a stream ends with any of its channels', async () => {
  await start()
  trickle.close('show-events')
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ path: '/stream/stop' }), SOON)
  expect([released, trickle.names]).toEqual([1, []])
})

it('a stream that its app refuses has no channels and no place', async () => {
  status = 422
  expect(await start()).toMatchObject({ status: 422 })
  expect([released, trickle.names]).toEqual([1, []])
})

it('nobody but its sender says anything about a stream', async () => {
  await start()
  const stranger = job({ sender: 'stranger' })
  await expect(streams.stopStream(stranger, utf8('{}'), call)).rejects.toMatchObject({ status: 404 })
  await expect(streams.updateStream(stranger, utf8('{}'), call)).rejects.toMatchObject({ status: 404 })
  expect(told).toHaveLength(1)
  expect(await streams.stopStream(job(), utf8('{}'), call)).toMatchObject({ status: 200 })
  expect(released).toBe(1)
})
