import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { bondingManager, getOrchestrator, initializeRound } from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import { EventHub, type RunningNode, startNode } from '@millrace/node'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { nodeId } from '@millrace/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openChain, openFolder, type TestChain } from './chain-fixture.ts'
import { devnetKey } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

const ROUND = 60
const ADDRESS = devnetAddress('orchestrator1')

let chain: TestChain
let folder: Awaited<ReturnType<typeof openFolder>>
let node: RunningNode | undefined

beforeAll(async () => {
  chain = await openChain()
  folder = await openFolder()
})
afterAll(async () => {
  await node?.stop()
  await chain[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

it('sessions are tied to the active stake of the round, whatever else is asked for', async () => {
  const { client } = chain
  const { stake } = await getOrchestrator(client, ADDRESS)
  const { bondedAmount: own } = await bondingManager.getDelegator(client, ADDRESS)
  const lptPerSession = own / 2n
  const first = Number(stake / lptPerSession)
  await openKeystore(join(folder.path, 'keystore'), 'password', { create: devnetKey('orchestrator1'), n: 1024 })
  const listen = { host: '127.0.0.1', port: 0 }
  const { url: ethUrl } = chain.chain
  node = await startNode(
    {
      ...{ nodeId: nodeId('o'), folder: folder.path, keystorePassword: 'password', operator: listen },
      network: {
        ...{ kind: 'chain', ethUrl, controller: client.addresses.controller, chainId: 31337 },
        ...{ pollMs: 20, payments: 'devnet' },
      },
      orchestrator: {
        ...{ serviceUri: 'https://127.0.0.1:8935', listen, pricePerPixel: DEVNET_PRICE_PER_PIXEL },
        ...{ maxSessions: 50, callReward: false, initializeRounds: false, lptPerSession },
      },
    },
    { hub: new EventHub(), log: silentLog },
  )
  const operator = node.operatorUrl
  const maxSessions = async () =>
    ((await (await fetch(`${operator}/debug`)).json()) as { maxSessions: number }).maxSessions
  const set = (sessions: string) =>
    fetch(`${operator}/setMaxSessions`, { method: 'POST', body: new URLSearchParams({ maxSessions: sessions }) })
  expect(await maxSessions()).toBe(first)
  expect((await set('1')).status).toBe(200)
  expect(await maxSessions()).toBe(1)
  expect((await set('100')).status).toBe(200)
  expect(await maxSessions()).toBe(first)

  await bondingManager.unbond(client, chain.sender('orchestrator1'), lptPerSession)
  await new Promise((resolve) => setTimeout(resolve, 100))
  // The stake of this round is still there.
  expect(await maxSessions()).toBe(first)
  await chain.mine(ROUND)
  await initializeRound(client, chain.sender('deployer'))
  await expect.poll(maxSessions, { timeout: 5_000 }).toBe(first - 1)

  // Who takes out all of its own is no orchestrator any more.
  await bondingManager.unbond(client, chain.sender('orchestrator1'), own - lptPerSession)
  await chain.mine(ROUND)
  await initializeRound(client, chain.sender('deployer'))
  await expect.poll(maxSessions, { timeout: 5_000 }).toBe(0)
}, 30_000)
