import { type Clock, type LogFields, silentLog, systemClock } from '@millrace/base'
import {
  BlockFeed,
  connectChain,
  DEVNET_CHAIN_ID,
  getHead,
  getServiceUri,
  parseRpcUrls,
  RpcPool,
  type RpcPoolOptions,
  setServiceUri,
  TxSender,
} from '@millrace/chain'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { embeddedChain, openChain, openFolder, type TestChain } from './chain-fixture.ts'
import { devnetKeyHex } from './genesis/accounts.ts'
import { preparedNetwork } from './genesis/prepared-genesis.ts'
import { FaultyRpc, type RpcFault } from './testing/faulty-rpc.ts'

const HEAD = { method: 'eth_getBlockByNumber', params: ['latest', false] }
/** What makes an RPC useless without a word. */
const BREAKS: readonly RpcFault[] = [
  'HTML',
  'garbage',
  'empty',
  'half an answer',
  'internal error',
  'silent',
  'cut',
  'limited',
  'limited in JSON',
]

let chain: TestChain
let first: FaultyRpc
let second: FaultyRpc
let skewMs: number
let lines: [string, LogFields | undefined][]
/** Stands still where a test reads off how long something rests: a busy machine must not shorten it. */
let standsAt: number | undefined
const nowMs = () => (standsAt ?? Date.now()) + skewMs
const clock: Clock = { now: nowMs, elapsed: nowMs, sleep: systemClock.sleep }

beforeAll(async () => {
  chain = await openChain()
})
afterAll(() => chain[Symbol.asyncDispose]())
beforeEach(async () => {
  skewMs = 0
  standsAt = undefined
  lines = []
  first = await new FaultyRpc({ target: chain.chain.url }).start()
  second = await new FaultyRpc({ target: chain.chain.url }).start()
})
afterEach(async () => {
  await first[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
})

const log = { ...silentLog, warn: (text: string, fields?: LogFields) => void lines.push([text, fields]) }
const pool = (more: Partial<RpcPoolOptions> = {}) =>
  new RpcPool({ urls: [first.url, second.url], timeoutMs: 200, patienceMs: 2_000, ...more }, { clock, log })
const numberOf = (block: unknown) => BigInt((block as { number: string }).number)
const latest = async () => (await getHead(chain.client)).chainNumber

describe('several RPCs', () => {
  it('are asked in their order: the second rests while the first is well', async () => {
    const rpcs = pool()
    for (let i = 0; i < 5; i++) expect(numberOf(await rpcs.request(HEAD))).toBe(await latest())
    expect(first.requests).toBe(6)
    expect(second.requests).toBe(0)
  })

  it.each(BREAKS)('stand in for the first when it fails: %s', async (fault) => {
    const rpcs = pool()
    first.fault = fault
    for (let i = 0; i < 5; i++) expect(numberOf(await rpcs.request(HEAD))).toBe(await latest())
    expect(first.faults, 'a broken RPC is left alone after one try').toBe(1)
    expect(rpcs.states()).toMatchObject([{ state: 'resting', error: expect.any(String) }, { state: 'ok' }])
    expect(JSON.stringify([lines, rpcs.states()])).not.toContain('key-that-nobody-may-see')
  })

  it('go back to the first when it has rested', async () => {
    const rpcs = pool()
    first.fault = 'HTML'
    await rpcs.request(HEAD)
    first.fault = 'none'
    await rpcs.request(HEAD)
    expect(first.requests).toBe(1)
    skewMs += 1_000
    const before = second.requests
    await rpcs.request(HEAD)
    expect(second.requests).toBe(before)
    expect(rpcs.states()[0]).toEqual({ origin: new URL(first.url).origin, state: 'ok' })
  })

  it('give a first that keeps failing ever longer rests', async () => {
    standsAt = Date.now()
    const rpcs = pool()
    first.fault = 'cut'
    const rests: number[] = []
    for (let i = 0; i < 4; i++) {
      await rpcs.request(HEAD)
      rests.push(rpcs.states()[0]!.restsUntil! - clock.now())
      skewMs += rests.at(-1)!
    }
    expect(rests).toEqual([500, 1_000, 2_000, 4_000])
  })

  it('leave one that limits them alone as long as it asks, but not for ever', async () => {
    const rpcs = pool()
    first.fault = 'limited'
    first.retryAfter = 30
    await rpcs.request(HEAD)
    skewMs += 29_000
    await rpcs.request(HEAD)
    expect(first.requests).toBe(1)
    skewMs += 2_000
    first.retryAfter = 10 ** 9
    await rpcs.request(HEAD)
    expect(first.requests).toBe(2)
    skewMs += 10 * 60_000
    await rpcs.request(HEAD)
    expect(first.requests).toBe(3)
  })

  it('count requests that fail together as one failure', async () => {
    standsAt = Date.now()
    const rpcs = pool()
    await rpcs.request(HEAD)
    first.fault = 'cut'
    await Promise.all(Array.from({ length: 10 }, () => rpcs.request(HEAD)))
    expect(rpcs.states()[0]!.restsUntil! - clock.now()).toBe(500)
  })

  it('hand on what the chain refuses, and ask nobody else', async () => {
    const rpcs = pool()
    const call = {
      method: 'eth_call',
      params: [{ to: chain.client.addresses.controller, data: '0x12345678' }, 'latest'],
    }
    await expect(rpcs.request(call)).rejects.toMatchObject({ name: 'RpcRequestError' })
    expect(second.requests).toBe(0)
    expect(rpcs.states()[0]).toMatchObject({ state: 'ok' })
  })

  it('hand on that a block is not there yet, when none has it', async () => {
    const rpcs = pool()
    const call = { method: 'eth_call', params: [{ to: chain.client.addresses.controller, data: '0x' }, '0xffffff'] }
    await expect(rpcs.request(call)).rejects.toMatchObject({ name: 'RpcRequestError' })
    expect(rpcs.states()).toMatchObject([{ state: 'ok' }, { state: 'ok' }])
  })

  it('say what is wrong when none answers, without the secrets of their URLs', async () => {
    first.fault = 'HTML'
    second.fault = 'limited'
    second.retryAfter = 600
    const asking = pool({ patienceMs: 100 }).request(HEAD)
    await expect(asking).rejects.toMatchObject({ code: 'rpc_rate_limited', retryable: true })
    await expect(asking).rejects.toThrow(new URL(first.url).origin)
    await expect(asking).rejects.not.toThrow('key-that-nobody-may-see')
  })

  it('are waited for as long as patience lasts', async () => {
    const rpcs = pool({ urls: [first.url] })
    first.fault = 'cut'
    const asking = rpcs.request(HEAD)
    setTimeout(() => {
      first.fault = 'none'
    }, 400)
    expect(numberOf(await asking)).toBe(await latest())
    expect(first.faults).toBeGreaterThan(1)
  })

  it('refuse one of another chain for ever, and use the others', async () => {
    await using folder = await openFolder()
    const other = embeddedChain(folder.path, { chainId: 31338 })
    await other.start()
    try {
      const rpcs = pool({ urls: [other.url, first.url], chainId: DEVNET_CHAIN_ID })
      expect(numberOf(await rpcs.request(HEAD))).toBe(await latest())
      expect(rpcs.states()).toMatchObject([{ state: 'wrong_chain' }, { state: 'ok' }])
      const { controller } = await preparedNetwork()
      await expect(connectChain({ url: other.url, controller, chainId: DEVNET_CHAIN_ID })).rejects.toMatchObject({
        code: 'wrong_chain_id',
      })
    } finally {
      await other.crash()
    }
  })
})

describe('an RPC whose blocks are old', () => {
  it('is left alone for one that has newer blocks', async () => {
    const rpcs = pool({ stallMs: 10_000 })
    await rpcs.request(HEAD)
    first.fault = 'frozen'
    await chain.rpc('evm_increaseTime', 60)
    await chain.mine(1)
    // Nobody knows yet that there is something newer.
    expect(numberOf(await rpcs.request(HEAD))).toBe((await latest()) - 1n)
    skewMs += 11_000
    expect(numberOf(await rpcs.request(HEAD))).toBe(await latest())
    expect(rpcs.states()).toMatchObject([{ state: 'resting', error: 'its latest block is old' }, { state: 'ok' }])
    skewMs += 6_000
    expect(numberOf(await rpcs.request(HEAD)), 'still frozen when it has rested').toBe(await latest())
  })

  it('is believed when the others have nothing newer', async () => {
    const rpcs = pool({ stallMs: 10_000 })
    await rpcs.request(HEAD)
    skewMs += 60_000
    expect(numberOf(await rpcs.request(HEAD))).toBe(await latest())
    expect(rpcs.states()).toMatchObject([{ state: 'ok' }, { state: 'ok' }])
  })

  it('is believed when the chain went back', async () => {
    const rpcs = pool()
    await chain.mine(1)
    const snapshot = await chain.rpc('evm_snapshot')
    const before = await latest()
    await chain.rpc('evm_increaseTime', 600)
    await chain.mine(5)
    expect(numberOf(await rpcs.request(HEAD))).toBe(before + 5n)
    await chain.rpc('evm_revert', snapshot)
    expect(numberOf(await rpcs.request(HEAD))).toBe(before)
    expect(rpcs.states()).toMatchObject([{ state: 'ok' }, { state: 'ok' }])
  })
})

describe('a node with several RPCs', () => {
  it('follows the chain and sends transactions while one after the other fails', { timeout: 30_000 }, async () => {
    const { controller } = await preparedNetwork()
    const client = await connectChain({ url: `${first.url}, ${second.url}`, controller }, { clock })
    const account = privateKeyToAccount(devnetKeyHex('orchestrator1'))
    const sender = new TxSender({ account }, { client, log: silentLog })
    const feed = new BlockFeed({ pollMs: 20 }, { client, log: silentLog })
    const uris: string[] = []
    feed.onBlock(({ logs }) => {
      for (const { eventName, args } of logs) if (eventName === 'ServiceURIUpdate') uris.push(args.serviceURI)
    })
    await feed.start()
    const sent: string[] = []
    try {
      for (const [faultOfFirst, faultOfSecond] of [
        ['none', 'cut'],
        ['limited', 'none'],
        ['none', 'HTML'],
        ['garbage', 'none'],
      ] as const) {
        first.fault = faultOfFirst
        second.fault = faultOfSecond
        skewMs += 120_000
        sent.push(`https://${faultOfFirst}.${faultOfSecond}.example`)
        await setServiceUri(client, sender, sent.at(-1)!)
        expect(await getServiceUri(client, sender.address)).toBe(sent.at(-1))
      }
      await expect.poll(() => uris, { timeout: 5_000 }).toEqual(sent)
    } finally {
      await feed.stop()
    }
  })

  it('is not told of a reorganisation when the RPC that stands in is some blocks behind', async () => {
    const { controller } = await preparedNetwork()
    const client = await connectChain({ url: `${first.url},${second.url}`, controller })
    const feed = new BlockFeed({ pollMs: 50 }, { client, log: silentLog })
    const heads: { number: bigint; reset: boolean }[] = []
    feed.onBlock(({ head, reset }) => void heads.push({ number: head.chainNumber, reset }))
    await feed.start()
    try {
      await new RpcPool({ urls: [second.url] }).request(HEAD)
      second.fault = 'frozen'
      for (let i = 0; i < 3; i++) {
        await chain.mine(1)
        await expect.poll(() => heads.at(-1)?.number, { interval: 5 }).toBe(await latest())
      }
      first.fault = 'cut'
      const before = second.faults
      await expect.poll(() => second.faults, { interval: 5 }).toBeGreaterThan(before + 1)
      first.fault = 'none'
      second.fault = 'none'
      await chain.mine(1)
      await expect.poll(() => heads.at(-1)?.number, { timeout: 5_000 }).toBe(await latest())
      expect(heads.filter(({ reset }) => reset)).toHaveLength(1)
    } finally {
      await feed.stop()
    }
  })

  it('takes "already known" for success when it sends a transaction again', async () => {
    const rpcs = pool()
    await chain.rpc('evm_setAutomine', false)
    try {
      const account = privateKeyToAccount(devnetKeyHex('orchestrator1'))
      const nonce = await chain.client.rpc.getTransactionCount({ address: account.address })
      const more = { nonce, gas: 21_000n, gasPrice: 10n, type: 'legacy', chainId: DEVNET_CHAIN_ID } as const
      const raw = await account.signTransaction({ to: account.address, ...more })
      const body = { method: 'eth_sendRawTransaction', params: [raw] }
      expect(await rpcs.request(body)).toBe(await rpcs.request(body))
    } finally {
      await chain.mine(1)
      await chain.rpc('evm_setAutomine', true)
    }
  })
})

describe('a list of RPC URLs', () => {
  it('is split at commas', () => {
    expect(parseRpcUrls(' https://a.example/k ,http://b.example')).toEqual(['https://a.example/k', 'http://b.example'])
  })

  it.each(['a.example', 'ws://a.example', 'https://a.example,file:///secret', 'https://a.example,secret'])(
    'is refused when one is no http URL, without being shown: %s',
    (text) => {
      expect(() => parseRpcUrls(text)).toThrow(expect.objectContaining({ code: 'bad_rpc_url' }))
      expect(() => parseRpcUrls(text)).not.toThrow(/secret/)
    },
  )

  it('is refused when it is empty', async () => {
    const { controller } = await preparedNetwork()
    await expect(connectChain({ url: ' , ', controller })).rejects.toMatchObject({ code: 'bad_rpc_url' })
  })
})
