import { silentLog, toHex } from '@millrace/base'
import {
  BlockFeed,
  type BlockNews,
  blockHashForRound,
  bond,
  fundDepositAndReserve,
  GasPriceWatcher,
  getHead,
  initializeRound,
  OrchestratorWatcher,
  RoundWatcher,
  reward,
  roundState,
  SenderWatcher,
  setServiceUri,
} from '@millrace/chain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openChain, type TestChain } from './chain-fixture.ts'
import { GENESIS } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

const ROUND = 60
const GATEWAY = devnetAddress('gateway')
const [FIRST, SECOND] = [devnetAddress('orchestrator1'), devnetAddress('orchestrator2')]

let chain: TestChain
let feed: BlockFeed
let news: BlockNews[]

beforeEach(async () => {
  chain = await openChain()
  feed = new BlockFeed({ pollMs: 20 }, { client: chain.client, log: silentLog })
  news = []
  feed.onBlock((one) => void news.push(one))
})
afterEach(async () => {
  await feed.stop()
  await chain[Symbol.asyncDispose]()
})

const logs = () => news.flatMap((one) => one.logs)
/** Waits until the feed, and with it every watcher, has told the chain's latest block. */
async function caughtUp(): Promise<void> {
  const { hash } = await getHead(chain.client)
  await expect.poll(() => news.at(-1)?.head.hash, { timeout: 5_000, interval: 5 }).toBe(hash)
  // Listeners are told one after the other; those after the test's own need a moment.
  await new Promise((resolve) => setTimeout(resolve, 50))
}

describe('a block feed', () => {
  it('has told the first block when it has started, as one to read everything at', async () => {
    await feed.start()
    expect(news).toHaveLength(1)
    expect(news[0]).toMatchObject({ reset: true, logs: [], head: { hash: (await getHead(chain.client)).hash } })
  })

  it('tells blocks in order and every event once', async () => {
    await feed.start()
    const sender = chain.sender('orchestrator1')
    const uris = Array.from({ length: 6 }, (_, i) => `https://host${i}.example`)
    for (const uri of uris) await setServiceUri(chain.client, sender, uri)
    await chain.mine(3)
    await caughtUp()
    const numbers = news.map(({ head }) => head.chainNumber)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)))
    expect(news.slice(1).some(({ reset }) => reset)).toBe(false)
    expect(logs().map((log) => (log.args as { serviceURI?: string }).serviceURI)).toEqual(uris)
    for (const { head, logs: told } of news)
      for (const log of told) expect(log.blockNumber).toBeLessThanOrEqual(head.chainNumber)
  })

  it('says when the chain went back, and tells what is there instead', async () => {
    const sender = chain.sender('orchestrator1')
    await feed.start()
    await setServiceUri(chain.client, sender, 'https://undone.example')
    await chain.mine(2)
    await caughtUp()
    const before = news.at(-1)!.head.chainNumber
    await chain.rpc('anvil_rollback', 3)
    await caughtUp()
    expect(news.at(-1)).toMatchObject({ reset: true, logs: [] })
    expect(news.at(-1)!.head.chainNumber).toBe(before - 3n)
    await setServiceUri(chain.client, chain.sender('orchestrator1'), 'https://instead.example')
    await caughtUp()
    expect((logs().at(-1)!.args as { serviceURI: string }).serviceURI).toBe('https://instead.example')
  })

  it('sees a chain that went back also when it has grown beyond since', async () => {
    await feed.start()
    await chain.mine(3)
    await caughtUp()
    const seen = news.length
    // Nothing is told between the two, as when the RPC was away.
    await feed.stop()
    feed = new BlockFeed({ pollMs: 20 }, { client: chain.client, log: silentLog })
    expect(seen).toBeGreaterThan(0)
    const resets: boolean[] = []
    feed.onBlock(({ reset, head }) => {
      resets.push(reset)
      news.push({ reset, head, logs: [] })
    })
    await feed.start()
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    // A listener that takes long: meanwhile the chain goes back and grows further than it was.
    feed.onBlock(() => held)
    await chain.mine(1)
    await expect.poll(() => resets.length).toBe(2)
    await chain.rpc('anvil_rollback', 2)
    await chain.rpc('evm_increaseTime', 100)
    await chain.mine(4)
    release()
    await expect.poll(() => resets.length, { timeout: 5_000 }).toBe(3)
    expect(resets).toEqual([true, false, true])
  })

  it('goes on when a listener fails', async () => {
    feed.onBlock(() => {
      throw new Error('a listener that fails')
    })
    const after: bigint[] = []
    feed.onBlock(({ head }) => void after.push(head.number))
    await feed.start()
    await chain.mine(1)
    await caughtUp()
    expect(after).toEqual(news.map(({ head }) => head.number))
  })
})

describe('a round watcher', () => {
  it('follows rounds: by block arithmetic at once, initialised when somebody did it', async () => {
    const rounds = new RoundWatcher({ client: chain.client, feed })
    await feed.start()
    const start = await roundState(chain.client)
    expect(rounds.initialized()).toBe(true)
    expect(rounds.currentRound()).toBe(start.currentRound)
    expect(toHex(rounds.blockHashForRound(start.currentRound))).toBe(start.lastInitializedBlockHash)
    expect(rounds.poolSize()).toBe(2n)

    await chain.mine(ROUND)
    await caughtUp()
    expect(rounds.currentRound()).toBe(start.currentRound + 1n)
    expect(rounds.lastInitializedRound()).toBe(start.currentRound)
    expect(rounds.initialized()).toBe(false)
    expect((await roundState(chain.client)).currentRound).toBe(start.currentRound + 1n)

    await initializeRound(chain.client, chain.sender('deployer'))
    await caughtUp()
    await expect.poll(() => rounds.initialized()).toBe(true)
    const round = start.currentRound + 1n
    expect(rounds.lastInitializedRound()).toBe(round)
    for (const one of [round, round - 1n])
      expect(toHex(rounds.blockHashForRound(one))).toBe(await blockHashForRound(chain.client, one))
    expect(rounds.blockHashForRound(round + 1n)).toEqual(new Uint8Array(32))
  })

  it('counts down to the next round, over several that nobody initialised', async () => {
    const rounds = new RoundWatcher({ client: chain.client, feed })
    await feed.start()
    await chain.mine(3 * ROUND + 7)
    await caughtUp()
    const state = await roundState(chain.client)
    expect(rounds.currentRound()).toBe(state.currentRound)
    const { number } = await getHead(chain.client)
    expect(BigInt(rounds.blocksToNextRound())).toBe(BigInt(ROUND) - (number % BigInt(ROUND)))
  })
})

describe('a sender watcher', () => {
  it('knows a gateway’s funds, and tells when they change', async () => {
    const senders = new SenderWatcher({ claimant: FIRST }, { client: chain.client, feed })
    const changed: string[] = []
    senders.onChange((sender) => changed.push(sender))
    await feed.start()
    expect(await senders.get(GATEWAY)).toMatchObject({
      deposit: GENESIS.deposit,
      withdrawRound: 0n,
      reserve: { fundsRemaining: GENESIS.reserve },
      claimedByMe: 0n,
    })
    await fundDepositAndReserve(chain.client, chain.sender('gateway'), { deposit: 5n, reserve: 7n })
    await expect.poll(() => changed, { timeout: 5_000 }).toContain(GATEWAY)
    expect(await senders.get(GATEWAY.toUpperCase().replace('0X', '0x') as typeof GATEWAY)).toMatchObject({
      deposit: GENESIS.deposit + 5n,
      reserve: { fundsRemaining: GENESIS.reserve + 7n },
    })
    expect(changed).not.toContain(FIRST)
  })

  it('reads everybody anew in a new round', async () => {
    const senders = new SenderWatcher({}, { client: chain.client, feed })
    const changed: string[] = []
    await feed.start()
    await senders.get(GATEWAY)
    await senders.get(SECOND)
    senders.onChange((sender) => changed.push(sender))
    await chain.mine(ROUND)
    await initializeRound(chain.client, chain.sender('deployer'))
    await expect.poll(() => changed.sort(), { timeout: 5_000 }).toEqual([GATEWAY, SECOND].sort())
  })
})

describe('an orchestrator watcher', () => {
  it('knows the pool by stake, and every change of it', async () => {
    const orchestrators = new OrchestratorWatcher({ client: chain.client, feed })
    await feed.start()
    const known = await orchestrators.list()
    expect(known.map(({ address, active, serviceUri }) => [address, active, serviceUri])).toEqual(
      GENESIS.orchestrators.map(({ account, serviceUri }) => [devnetAddress(account), true, serviceUri]),
    )
    expect(await orchestrators.list()).toBe(known)

    await setServiceUri(chain.client, chain.sender('orchestrator2'), 'https://moved.example:1')
    await caughtUp()
    expect((await orchestrators.list())[1]).toMatchObject({ address: SECOND, serviceUri: 'https://moved.example:1' })

    await reward(chain.client, chain.sender('orchestrator2'))
    await caughtUp()
    expect((await orchestrators.list())[1]!.stake).toBeGreaterThan(known[1]!.stake)
  })

  it('sorts anew when stake moves', async () => {
    const orchestrators = new OrchestratorWatcher({ client: chain.client, feed })
    await feed.start()
    expect((await orchestrators.list()).map(({ address }) => address)).toEqual([FIRST, SECOND])
    // A delegator with everything it has goes over to the other one.
    await bond(chain.client, chain.sender('delegator1'), { amount: 0n, to: SECOND })
    await caughtUp()
    expect((await orchestrators.list()).map(({ address }) => address)).toEqual([SECOND, FIRST])
  })
})

it('a gas price watcher tells what the chain asks, and no less than its minimum', async () => {
  const plain = new GasPriceWatcher({ minGasPriceWei: 0n }, { client: chain.client, feed })
  const floored = new GasPriceWatcher({ minGasPriceWei: 1_000n }, { client: chain.client, feed })
  expect([plain.gasPrice(), floored.gasPrice()]).toEqual([0n, 1_000n])
  await feed.start()
  for (const baseFee of [500n, 5_000n]) {
    await chain.rpc('anvil_setNextBlockBaseFeePerGas', `0x${baseFee.toString(16)}`)
    await chain.mine(1)
    await caughtUp()
    const asked = await chain.client.rpc.getGasPrice()
    expect(asked).toBeGreaterThan(baseFee / 2n)
    expect([plain.gasPrice(), floored.gasPrice()]).toEqual([asked, asked > 1_000n ? asked : 1_000n])
  }
})
