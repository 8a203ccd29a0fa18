import { join } from 'node:path'
import { ManualClock, rational, silentLog } from '@millrace/base'
import { getPriceFeed, PriceFeedWatcher, weiPer } from '@millrace/chain'
import { openKeystore } from '@millrace/chain/node'
import { priceFeedStandInAbi as abi } from '@millrace/contracts'
import { priceFeedStandInBytecode as bytecode } from '@millrace/contracts/bytecode'
import { EventHub, startNode } from '@millrace/node'
import { type Address, nodeId } from '@millrace/wire'
import { type Account, createWalletClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openChain, openFolder, type TestChain } from './chain-fixture.ts'
import { devnetKey, devnetKeyHex } from './genesis/accounts.ts'

let chain: TestChain
let account: Account
let feed: Address

beforeAll(async () => {
  chain = await openChain()
  account = privateKeyToAccount(devnetKeyHex('deployer'))
})
afterAll(() => chain[Symbol.asyncDispose]())
beforeEach(async () => {
  feed = await deployFeed('ETH / USD', 8)
})

const wallet = () =>
  createWalletClient({ account, chain: chain.client.rpc.chain, transport: chain.client.pool.transport() })

async function deployFeed(description: string, decimals: number): Promise<Address> {
  const hash = await wallet().deployContract({
    abi,
    bytecode,
    args: [description, decimals],
    account,
    chain: null,
    gasPrice: 1n,
  })
  const { contractAddress } = await chain.client.rpc.waitForTransactionReceipt({ hash })
  return contractAddress!.toLowerCase() as Address
}

async function answer(value: bigint, to = feed): Promise<void> {
  const call = { address: to, abi, functionName: 'setAnswer', args: [value] } as const
  const hash = await wallet().writeContract({ ...call, account, chain: null, gasPrice: 1n })
  await chain.client.rpc.waitForTransactionReceipt({ hash })
}

describe('a price feed', () => {
  it('tells the pair, the price, and when it was answered', async () => {
    await answer(2_500_50000000n)
    const { timestamp } = await chain.client.rpc.getBlock()
    expect(await getPriceFeed(chain.client, feed)).toEqual({
      base: 'ETH',
      quote: 'USD',
      price: rational(250_050n, 100n),
      updatedAtMs: Number(timestamp) * 1000,
    })
  })

  it('gives what a dollar costs, to the last fraction of a wei', async () => {
    await answer(3_000_00000000n)
    expect(weiPer('usd', await getPriceFeed(chain.client, feed))).toEqual(rational(10n ** 18n, 3_000n))
  })

  it('is read the other way round where ETH stands last', async () => {
    const lpt = await deployFeed('LPT / ETH', 18)
    await answer(2n * 10n ** 15n, lpt)
    expect(weiPer('LPT', await getPriceFeed(chain.client, lpt))).toEqual(rational(2n * 10n ** 15n))
  })

  it('is of no use for another currency', async () => {
    await answer(3_000_00000000n)
    const read = await getPriceFeed(chain.client, feed)
    expect(() => weiPer('EUR', read)).toThrow(expect.objectContaining({ code: 'bad_price_feed' }))
  })

  it.each([0n, -1n])('is of no use with the answer %s', async (value) => {
    if (value !== 0n) await answer(value)
    await expect(getPriceFeed(chain.client, feed)).rejects.toMatchObject({ code: 'bad_price_feed' })
  })

  it.each(['ETHUSD', 'A / B / C', ''])('is of no use with the description "%s"', async (description) => {
    const odd = await deployFeed(description, 8)
    await answer(1n, odd)
    await expect(getPriceFeed(chain.client, odd)).rejects.toMatchObject({ code: 'bad_price_feed' })
  })

  it('is not where another contract is, nor where there is none', async () => {
    for (const address of [chain.client.addresses.controller, `0x${'12'.repeat(20)}` as Address])
      await expect(getPriceFeed(chain.client, address)).rejects.toMatchObject({
        code: 'bad_price_feed',
        message: expect.stringContaining(address),
      })
  })
})

describe('who watches a price feed', () => {
  it('knows the price from the start, follows it, and keeps the last one while the feed fails', async () => {
    await answer(2_000_00000000n)
    const clock = new ManualClock(Date.now())
    const told: unknown[] = []
    const watcher = new PriceFeedWatcher({ feed, currency: 'USD' }, { client: chain.client, log: silentLog, clock })
    watcher.onPrice((price) => told.push(price))
    await watcher.start()
    try {
      expect(watcher.weiPerUnit).toEqual(rational(10n ** 18n, 2_000n))
      await answer(4_000_00000000n)
      await clock.advance(3_600_000)
      await expect.poll(() => watcher.weiPerUnit).toEqual(rational(10n ** 18n, 4_000n))

      await answer(-1n)
      await clock.advance(3_600_000)
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(watcher.weiPerUnit).toEqual(rational(10n ** 18n, 4_000n))
      await answer(5_000_00000000n)
      await clock.advance(30_000)
      await expect.poll(() => watcher.weiPerUnit).toEqual(rational(10n ** 18n, 5_000n))
      expect(told).toHaveLength(3)
    } finally {
      await watcher.stop()
    }
  })

  it('does not start without a price, so that nothing is sold for nothing', async () => {
    const watcher = new PriceFeedWatcher({ feed, currency: 'USD' }, { client: chain.client, log: silentLog })
    await expect(watcher.start()).rejects.toMatchObject({ code: 'bad_price_feed' })
    expect(watcher.weiPerUnit).toBeUndefined()
  })
})

describe('an orchestrator with a price in dollars', () => {
  it('sells at what they are worth in wei, follows the feed, and keeps to a price that its operator sets', async () => {
    await answer(2_000_00000000n)
    await using folder = await openFolder()
    await openKeystore(join(folder.path, 'keystore'), 'password', { create: devnetKey('orchestrator1'), n: 1024 })
    const listen = { host: '127.0.0.1', port: 0 }
    // A millionth of a dollar for a million pixels.
    const price = { pricePerPixel: rational(1n, 10n ** 12n), currency: 'USD' }
    const node = await startNode(
      {
        nodeId: nodeId('o'),
        folder: folder.path,
        network: {
          kind: 'chain',
          ethUrl: chain.chain.url,
          controller: chain.client.addresses.controller,
          pollMs: 50,
          payments: 'devnet',
          priceFeed: feed,
        },
        keystorePassword: 'password',
        operator: listen,
        orchestrator: {
          ...price,
          serviceUri: 'https://127.0.0.1:8935',
          listen,
          maxSessions: 1,
          callReward: false,
          initializeRounds: false,
        },
      },
      { hub: new EventHub(), log: silentLog },
    )
    try {
      const sold = async () => {
        const info = await (await fetch(`${node.operatorUrl}/orchestratorInfo`)).json()
        return (info as { PriceInfo: string }).PriceInfo
      }
      expect(await sold()).toBe('500')
      await fetch(`${node.operatorUrl}/setOrchestratorConfig?pricePerUnit=7&pixelsPerUnit=2`)
      expect(await sold()).toBe('7/2')

      // A millionth of a dollar for a million pixels is 500 wei for one; the currency stands by itself or behind the number.
      const set = (query: string) => fetch(`${node.operatorUrl}/setOrchestratorConfig?${query}`)
      expect((await set('pricePerUnit=1&pixelsPerUnit=1000000000000&currency=usd')).status).toBe(200)
      expect(await sold()).toBe('500')
      expect((await set('pricePerUnit=0.000002USD&pixelsPerUnit=1000000')).status).toBe(200)
      expect(await sold()).toBe('1000')
      expect((await set('pricePerUnit=0.000000000000000003ETH&pixelsPerUnit=1')).status).toBe(200)
      expect(await sold()).toBe('3')
      const refused = await set('pricePerUnit=1&pixelsPerUnit=1&currency=EUR')
      expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('error converting price')])
      expect(await sold()).toBe('3')
    } finally {
      await node.stop()
    }
  })

  it('that its operator names only later: the feed is read from then on', async () => {
    await answer(2_000_00000000n)
    await using folder = await openFolder()
    await openKeystore(join(folder.path, 'keystore'), 'password', { create: devnetKey('gateway'), n: 1024 })
    const listen = { host: '127.0.0.1', port: 0 }
    const { url: ethUrl } = chain.chain
    const { controller } = chain.client.addresses
    const node = await startNode(
      {
        nodeId: nodeId('g'),
        folder: folder.path,
        network: { kind: 'chain', ethUrl, controller, pollMs: 50, payments: 'devnet', priceFeed: feed },
        keystorePassword: 'password',
        operator: listen,
        gateway: { rtmp: undefined, http: listen, ladder: [] },
      },
      { hub: new EventHub(), log: silentLog },
    )
    try {
      const most = async () => {
        const config = await (await fetch(`${node.operatorUrl}/getBroadcastConfig`)).json()
        return (config as { MaxPrice: string | null }).MaxPrice
      }
      const set = async (path: string, query: string) => (await fetch(`${node.operatorUrl}/${path}?${query}`)).status
      expect(await most()).toBe(null)
      // The feed knows no euros, and that does not keep it from dollars.
      expect(await set('setBroadcastConfig', 'maxPricePerUnit=1&pixelsPerUnit=1000000000000&currency=EUR')).toBe(400)
      expect(await most()).toBe(null)
      expect(await set('setBroadcastConfig', 'maxPricePerUnit=1&pixelsPerUnit=1000000000000&currency=USD')).toBe(200)
      expect(await most()).toBe('500')
      const capability = 'pipeline=hevc-encode&modelID=default&maxPricePerUnit=1&pixelsPerUnit=1&currency=USD'
      expect(await set('setMaxPriceForCapability', capability)).toBe(200)
      expect(await set('setBroadcastConfig', 'maxPricePerUnit=0&pixelsPerUnit=1')).toBe(200)
      expect(await most()).toBe(null)
    } finally {
      await node.stop()
    }
  })

  it('does not start where no feed converts them', async () => {
    await using folder = await openFolder()
    const starting = startNode(
      {
        nodeId: nodeId('o'),
        folder: folder.path,
        network: { kind: 'offchain' },
        operator: { host: '127.0.0.1', port: 0 },
        orchestrator: {
          pricePerPixel: rational(1n),
          currency: 'USD',
          serviceUri: 'https://127.0.0.1:8935',
          listen: { host: '127.0.0.1', port: 0 },
          maxSessions: 1,
          callReward: false,
          initializeRounds: false,
        },
      },
      { hub: new EventHub(), log: silentLog },
    )
    await expect(starting).rejects.toMatchObject({ code: 'no_price_feed' })
  })
})
