import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AiError, ComputeError } from '@millrace/ai'
import { silentLog } from '@millrace/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppBuyer } from './app-buyer.ts'
import { AppDoor } from './app-door.ts'

let server: Server
let opened: string[]
let keys: ConstructorParameters<typeof AppDoor>[0]['keys']

beforeEach(async () => {
  opened = []
  keys = undefined
  // Whoever may call gets as far as this.
  const buyer = {
    open: async (app: string) => {
      opened.push(app)
      throw new ComputeError('compute_no_capacity', 'everybody is busy')
    },
    session: () => undefined,
  } as unknown as AppBuyer
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const door = new AppDoor({
      ...{ buyer, keys, market: { offers: async () => [] }, ownUrl: () => 'http://gateway' },
      ...{ log: silentLog, stopping: new AbortController().signal },
    })
    if (door.owns(pathname)) void door.answer(request, response, pathname)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  return { status: answer.status, text: await answer.text(), asks: answer.headers.get('www-authenticate') }
}

it.each([
  ['/apps/demo/echo/app', 'demo/echo'],
  ['/apps/demo/echo/app/a/app/b', 'demo/echo'],
  ['/apps/plain/app/', 'plain'],
  ['/apps/a%2Fb/app/x', 'a/b'],
])('%s calls the app %s', async (path, app) => {
  expect(await ask(path)).toMatchObject({ status: 503 })
  expect(opened).toEqual([app])
})

it.each(['/apps/demo', '/apps//app', '/apples/demo/app'])('%s is no path of an app', async (path) =>
  expect(await ask(path)).toMatchObject({ status: 404 }),
)

describe('nobody spends the money of a gateway', () => {
  it.each([
    ['a page of another site', { origin: 'https://elsewhere.example' }],
    ['a picture on a page of another site', { 'sec-fetch-site': 'cross-site' }],
  ] as const)('from %s', async (_, headers) => {
    expect(await ask('/apps/demo/echo/app', { ...headers })).toMatchObject({ status: 403 })
    expect(opened).toEqual([])
  })

  it('without a key, where keys are asked for', async () => {
    keys = {
      admit: () => {
        throw new AiError('ai_key_refused', 'this key is not known here')
      },
    }
    expect(await ask('/apps/demo/echo/app')).toMatchObject({ status: 401, asks: 'Bearer' })
    expect(opened).toEqual([])
  })
})
