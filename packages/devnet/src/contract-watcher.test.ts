import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@millrace/base'
import { BlockFeed, ContractWatcher, controller, DEVNET_CHAIN_ID } from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import { contractId } from '@millrace/contracts'
import { EventHub, startNode } from '@millrace/node'
import { type Address, nodeId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'
import { devnetKey } from './genesis/accounts.ts'

const ELSEWHERE: Address = `0x${'ab'.repeat(20)}`
const COMMIT = `0x${'00'.repeat(20)}` as const
const POLL_MS = 50

let chain: TestChain
beforeAll(async () => {
  chain = await openChain()
})
afterAll(() => chain[Symbol.asyncDispose]())

const move = (name: 'ServiceRegistry' | 'Minter', to: Address) =>
  controller.setContractInfo(chain.client, chain.sender('deployer'), {
    id: contractId(name),
    contractAddress: to,
    gitCommitHash: COMMIT,
  })

describe('a contract that gets another address', () => {
  it('is noticed with the block in which it does, once, and so is its way back', async () => {
    const errors: unknown[] = []
    const log = { ...silentLog, error: (_: string, fields: unknown) => void errors.push(fields) }
    const feed = new BlockFeed({ pollMs: POLL_MS }, { client: chain.client, log: silentLog })
    const watcher = new ContractWatcher({ client: chain.client, feed, log })
    await feed.start()
    try {
      const { serviceRegistry } = chain.client.addresses
      await chain.mine(1)
      expect(watcher.moved).toEqual([])
      await move('ServiceRegistry', ELSEWHERE)
      await expect
        .poll(() => watcher.moved)
        .toEqual([{ name: 'serviceRegistry', from: serviceRegistry, to: ELSEWHERE }])
      await chain.mine(2)
      await move('ServiceRegistry', serviceRegistry)
      await expect.poll(() => watcher.moved).toEqual([])
      expect(errors).toEqual([{ name: 'serviceRegistry', from: serviceRegistry, to: ELSEWHERE }])
    } finally {
      await feed.stop()
    }
  })

  it('turns a node red until it is started again, which then uses the new address', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-moved-'))
    const before = chain.client.addresses.minter
    await openKeystore(join(folder, 'keystore'), 'pw', { create: devnetKey('redeemer1'), n: 4096 })
    const start = () =>
      startNode(
        {
          nodeId: nodeId('redeemer'),
          folder,
          network: {
            kind: 'chain',
            ethUrl: chain.chain.url,
            controller: chain.client.addresses.controller,
            chainId: DEVNET_CHAIN_ID,
            pollMs: POLL_MS,
            payments: 'devnet',
          },
          keystorePassword: 'pw',
          operator: { host: '127.0.0.1', port: 0 },
          redeemer: { listen: { host: '127.0.0.1', port: 0 } },
        },
        { hub: new EventHub(), log: silentLog },
      )
    const ask = async (node: { operatorUrl: string }, path: string) => {
      const answer = await fetch(`${node.operatorUrl}${path}`)
      return { status: answer.status, text: await answer.text() }
    }
    const node = await start()
    try {
      expect((await ask(node, '/readyz')).status).toBe(200)
      await move('Minter', ELSEWHERE)
      await expect
        .poll(() => ask(node, '/readyz'))
        .toMatchObject({ status: 503, text: expect.stringContaining('contract_moved') })
      expect(await ask(node, '/healthz')).toMatchObject({ status: 503, text: expect.stringContaining(ELSEWHERE) })
    } finally {
      await node.stop()
    }
    const again = await start()
    try {
      expect((await ask(again, '/readyz')).status).toBe(200)
      expect((await ask(again, '/contractAddresses')).text.toLowerCase()).toContain(ELSEWHERE)
    } finally {
      await again.stop()
      await move('Minter', before)
      await rm(folder, { recursive: true, force: true })
    }
  })
})
