import { createServer } from 'node:http'
import { type EventNotice, serviceRegistry, watchEvents } from '@millrace/chain'
import { serviceRegistryAbi } from '@millrace/contracts'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectTo, openChain, type TestChain } from './chain-fixture.ts'

type Notice = EventNotice<typeof serviceRegistryAbi>

let chain: TestChain
let stop: AbortController
beforeEach(async () => {
  chain = await openChain()
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await chain[Symbol.asyncDispose]()
})

/** Follows service addresses from here on and collects what is told. */
function follow(
  more: { fromBlock?: bigint; confirmations?: number; maxLogSpan?: number; client?: TestChain['client'] } = {},
) {
  const { client = chain.client, ...options } = more
  const notices: Notice[] = []
  const stream = watchEvents(
    { abi: serviceRegistryAbi, address: [client.addresses.serviceRegistry], pollMs: 10, confirmations: 4, ...options },
    { client },
    { signal: stop.signal },
  )
  const done = (async () => {
    for await (const notice of stream) notices.push(notice)
  })()
  done.catch(() => undefined)
  return { notices, done }
}

const uriOf = ({ event }: Notice) => (event.args as { serviceURI: string }).serviceURI
const told = (notices: readonly Notice[]) => notices.map((notice) => `${notice.kind} ${uriOf(notice)}`)
const setUri = (uri: string) => serviceRegistry.setServiceUri(chain.client, chain.sender('orchestrator1'), uri)
const height = () => chain.client.rpc.getBlockNumber()

it('tells events as they come, and once more when they are confirmed', async () => {
  const fromBlock = (await height()) + 1n
  const { notices } = follow({ fromBlock })
  await setUri('a')
  await setUri('b')
  await expect.poll(() => told(notices)).toEqual(['added a', 'added b'])
  await chain.mine(3)
  await expect.poll(() => told(notices)).toEqual(['added a', 'added b', 'confirmed a'])
  await chain.mine(10)
  await expect.poll(() => told(notices).slice(3)).toEqual(['confirmed b'])
})

it('tells what went away in a reorganisation, the latest first, and what came instead', async () => {
  const { notices } = follow({ fromBlock: (await height()) + 1n })
  await setUri('stays')
  await setUri('goes')
  await setUri('goes too')
  await expect.poll(() => notices.length).toBe(3)
  await chain.rpc('anvil_rollback', 2)
  await chain.rpc('evm_increaseTime', 100)
  await setUri('instead')
  await chain.mine(5)
  await expect
    .poll(() => told(notices).slice(3))
    .toEqual(['rolled-back goes too', 'rolled-back goes', 'added instead', 'confirmed stays', 'confirmed instead'])
})

it('goes on at a block where another stream ended', async () => {
  const first = await height()
  for (const uri of ['a', 'b', 'c']) await setUri(uri)
  await chain.mine(10)
  const { notices } = follow({ fromBlock: first + 2n })
  await expect.poll(() => told(notices)).toEqual(['added b', 'added c', 'confirmed b', 'confirmed c'])
})

it('reads a long past in parts, and tells nothing twice', async () => {
  const first = await height()
  for (const uri of ['a', 'b', 'c']) {
    await setUri(uri)
    await chain.mine(24)
  }
  const { notices } = follow({ fromBlock: first, maxLogSpan: 7 })
  const expected = ['a', 'b', 'c'].flatMap((uri) => [`added ${uri}`, `confirmed ${uri}`])
  await expect.poll(() => told(notices)).toEqual(expected)
})

it('ends when confirmed blocks went away', async () => {
  const { notices, done } = follow({ fromBlock: (await height()) + 1n, confirmations: 2 })
  await setUri('a')
  await chain.mine(4)
  await expect.poll(() => notices.length).toBe(2)
  await chain.rpc('anvil_rollback', 5)
  await chain.rpc('evm_increaseTime', 100)
  await chain.mine(9)
  await expect(done).rejects.toMatchObject({ code: 'reorg_too_deep' })
})

it('goes on when the RPC was away', async () => {
  let away = false
  const proxy = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (away) return response.writeHead(503).end('<html>Service Unavailable</html>')
    const answer = await fetch(chain.chain.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.concat(chunks),
    })
    return response.writeHead(200, { 'content-type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  try {
    const client = await connectTo({ url: `http://127.0.0.1:${(proxy.address() as { port: number }).port}` })
    const { notices } = follow({ fromBlock: (await height()) + 1n, client })
    await setUri('before')
    await expect.poll(() => notices.length).toBe(1)
    away = true
    await setUri('meanwhile')
    await new Promise((resolve) => setTimeout(resolve, 100))
    away = false
    await expect.poll(() => told(notices), { timeout: 15_000 }).toEqual(['added before', 'added meanwhile'])
  } finally {
    stop.abort()
    proxy.closeAllConnections()
    proxy.close()
  }
})

it('whatever the chain does, what was told adds up to what is there, and what was confirmed stays', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('event' as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant('mine' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('reorg' as const), count: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constant('wait' as const), count: fc.constant(1) }),
  )
  let uri = 0
  await chain.mine(20)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
      const fromBlock = (await height()) + 1n
      stop = new AbortController()
      const { notices, done } = follow({ fromBlock, confirmations: 64 })
      for (const { kind, count } of steps) {
        if (kind === 'event') for (let i = 0; i < count; i++) await setUri(`uri ${uri++}`)
        if (kind === 'mine') await chain.mine(count)
        if (kind === 'wait') await new Promise((resolve) => setTimeout(resolve, 30))
        if (kind === 'reorg') {
          const depth = Number((await height()) - fromBlock)
          if (depth < 1) continue
          await chain.rpc('anvil_rollback', Math.min(count, depth))
          await chain.rpc('evm_increaseTime', 100)
          await chain.mine(1)
        }
      }
      // Steps that added no block leave nothing to ask for.
      if ((await height()) < fromBlock) await chain.mine(1)
      const there = await chain.client.rpc.getLogs({
        address: chain.client.addresses.serviceRegistry,
        fromBlock,
      })
      const identity = (event: { blockHash: string; logIndex: number }) => `${event.blockHash}/${event.logIndex}`
      const standing = () => {
        const all = new Map<string, string>()
        for (const { kind, event } of notices) {
          if (kind === 'added') all.set(identity(event), event.blockHash)
          if (kind === 'rolled-back') expect(all.delete(identity(event))).toBe(true)
        }
        return [...all.keys()]
      }
      await expect.poll(standing, { timeout: 5_000 }).toEqual(there.map(identity))
      await chain.mine(64)
      const confirmed = () => notices.filter(({ kind }) => kind === 'confirmed').map(({ event }) => identity(event))
      await expect.poll(confirmed, { timeout: 5_000 }).toEqual(there.map(identity))
      stop.abort()
      await done
    }),
    { numRuns: 6 },
  )
})
