import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { silentLog } from '@millrace/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ByocJob } from '../byoc-links.ts'
import { forwardJob } from './byoc-request.ts'

const servers: Server[] = []
let app: RequestListener
let job: ByocJob
let left: number
let charged: number
let sold: number

async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

let door: string
beforeEach(async () => {
  left = 1_000
  charged = 0
  sold = 0
  const url = await serve((request, response) => app(request, response))
  job = {
    ...{ id: 'job', capability: 'words', sender: 'somebody', url, token: undefined, timeoutMs: 5_000, streamId: '' },
    parameters: { include: [], exclude: [], videoIngress: false, videoEgress: false, dataOutput: false },
    charge: (seconds) => {
      charged += seconds
      left -= seconds
      return left >= 0
    },
    sold: () => sold++,
    balance: (digits) => left.toFixed(digits),
    removeCapability: () => {},
    release: () => {},
  }
  const call = { route: '', search: '', stopping: new AbortController().signal, log: silentLog, periodSeconds: 0.05 }
  door = await serve((request, response) => void forwardJob(request, response, job, call))
})
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const ask = () => fetch(door, { method: 'POST', body: '{}' })

/** Events without end. */
const talk: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const timer = setInterval(() => response.write('data: word\n\n'), 10)
  response.on('close', () => clearInterval(timer))
}

it('events are paid as they come, and end in words when the account is empty', async () => {
  left = 0.1
  app = talk
  const text = await (await ask()).text()
  expect(text).toMatch(/^data: word\n\n/)
  expect(text.endsWith('event: insufficient balance\ndata: {"balance": 0}\n\ndata: [DONE]\n\n')).toBe(true)
  expect(charged).toBeGreaterThan(0.1)
})

it('events that last longer than the client allowed end with what is left', async () => {
  job = { ...job, timeoutMs: 120 }
  app = talk
  const text = await (await ask()).text()
  expect(text).toMatch(/data: \{"balance": \d+\.\d{3}\}\n\ndata: \[DONE\]\n\n$/)
  expect(sold).toBe(1)
  expect(charged).toBeGreaterThan(0.1)
})

it('events that break off are seen to do so, and what had not come yet is not paid', async () => {
  app = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: word\n\n')
    setTimeout(() => response.destroy(), 20)
  }
  await expect(ask().then((answer) => answer.text())).rejects.toThrow()
  expect([sold, charged <= 0.05]).toEqual([0, true])
})
