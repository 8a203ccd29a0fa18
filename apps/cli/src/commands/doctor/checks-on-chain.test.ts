import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rational } from '@millrace/base'
import { freePort } from '@millrace/base/node'
import { devnetAddress } from '@millrace/devnet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { balance } from './checks/balance.ts'
import { clock } from './checks/clock.ts'
import { contracts } from './checks/contracts.ts'
import { deposit } from './checks/deposit.ts'
import { keystore } from './checks/keystore.ts'
import { orchestrators } from './checks/orchestrators.ts'
import { price } from './checks/price.ts'
import { judgeFeed, priceFeed } from './checks/price-feed.ts'
import { registration } from './checks/registration.ts'
import { reward, rewardCaller } from './checks/reward.ts'
import { rpc } from './checks/rpc.ts'
import { serviceUri } from './checks/service-uri.ts'
import { checksOf } from './checks.ts'
import { openSetup, PASSWORD, type Setup } from './doctor.fixture.ts'
import { subjectOf } from './doctor.ts'

let setup: Setup
let uri: string
const signal = new AbortController().signal

beforeAll(async () => {
  setup = await openSetup()
  uri = (await setup.startOrchestrator('orchestrator1')).uri
}, 60_000)
afterAll(() => setup?.[Symbol.asyncDispose]())

const orchestrator = async (account: Parameters<Setup['account']>[0], ...more: string[]) =>
  subjectOf(
    [
      '-orchestrator',
      '-transcoder',
      '-pricePerUnit=1',
      '-pixelsPerUnit=100',
      `-serviceAddr=${uri}`,
      ...(await setup.account(account)),
      ...more,
    ],
    {},
  )
const gateway = async (account: Parameters<Setup['account']>[0], ...more: string[]) =>
  subjectOf(['-gateway', ...(await setup.account(account)), ...more], {})

describe('an orchestrator on the chain', () => {
  it('is bonded, active, and found where the chain says', async () => {
    const subject = await orchestrator('orchestrator1')
    expect(await contracts(subject)).toMatchObject({ verdict: 'ok', facts: { chainId: 31337 } })
    expect(await registration(subject)).toMatchObject({
      verdict: 'ok',
      found: expect.stringContaining('is active in round'),
    })
    expect(await serviceUri(subject)).toMatchObject({ verdict: 'ok', found: `the chain names ${uri}` })
  })

  it('is told of an address on the chain that is not its own', async () => {
    expect(await serviceUri(await orchestrator('orchestrator1', '-serviceAddr=127.0.0.1:1'))).toMatchObject({
      verdict: 'warning',
      found: `the chain names ${uri}, -serviceAddr is https://127.0.0.1:1`,
    })
    const elsewhere = await orchestrator(
      'redeemer1',
      `-ethOrchAddr=${devnetAddress('orchestrator1')}`,
      '-serviceAddr=127.0.0.1:1',
    )
    expect(await serviceUri(elsewhere)).toMatchObject({
      verdict: 'failed',
      advice: expect.stringContaining('only the bonded account'),
    })
  })

  it('is none without stake', async () => {
    expect(await registration(await orchestrator('redeemer1'))).toMatchObject({
      verdict: 'failed',
      advice: expect.stringContaining('activate'),
    })
  })

  it('has its reward of the round called by the node, or is told how to call it', async () => {
    const called = async () => reward(await orchestrator('orchestrator1'))
    await expect
      .poll(called, { timeout: 10_000, interval: 300 })
      .toMatchObject({ verdict: 'ok', found: expect.stringContaining('called in round') })
    expect(await reward(await orchestrator('orchestrator2', '-reward=false'))).toMatchObject({
      verdict: 'warning',
      advice: expect.stringContaining('-reward is off'),
    })
  })

  it('is told that its key is not the reward caller of the bonded account', async () => {
    const bonded = `-ethOrchAddr=${devnetAddress('orchestrator1')}`
    const advice = expect.stringContaining(`setRewardCaller with ${devnetAddress('redeemer1')}`)
    expect(await rewardCaller(await orchestrator('redeemer1', bonded))).toMatchObject({ verdict: 'failed', advice })
    expect(await rewardCaller(await orchestrator('redeemer1', bonded, '-reward=false'))).toMatchObject({
      verdict: 'warning',
      advice,
    })
  })

  it('learns no prices without a reserve, and is told so', async () => {
    expect(await price(await orchestrator('orchestrator2'), signal)).toMatchObject({
      verdict: 'warning',
      found: expect.stringContaining('none of 1 other orchestrators told a price'),
    })
  })

  it('learns the prices of others with an account that has a reserve', async () => {
    expect(await price(await orchestrator('gateway'), signal)).toMatchObject({
      verdict: 'ok',
      found: expect.stringContaining('yours is 0.01 wei per pixel; 1 of 2 others ask 0.01 to 0.01'),
    })
    const dear = await orchestrator('gateway', '-pricePerUnit=3')
    expect(await price(dear, signal)).toMatchObject({
      verdict: 'warning',
      found: expect.stringContaining('yours is 0.03'),
    })
  })
})

describe('a gateway on the chain', () => {
  it('may be a signer that pays for others', async () => {
    const signer = async (account: Parameters<Setup['account']>[0]) =>
      subjectOf(['-remoteSigner', ...(await setup.account(account)), '-maxPricePerUnit=1', '-pixelsPerUnit=100'], {})
    const subject = await signer('gateway')
    expect(checksOf(subject).map(({ name }) => name)).toContain('deposit')
    expect(await deposit(subject)).toMatchObject({ verdict: 'ok' })
    expect(await deposit(await signer('delegator1'))).toMatchObject({ verdict: 'failed' })
  })

  it('has deposit and reserve for a stream', async () => {
    expect(await deposit(await gateway('gateway', '-maxPricePerUnit=1', '-pixelsPerUnit=100'))).toMatchObject({
      verdict: 'ok',
      found: expect.stringContaining('deposit 10 ETH, reserve 10 ETH'),
    })
  })

  it('is told how much to put in where it has nothing', async () => {
    expect(await deposit(await gateway('delegator1'))).toMatchObject({
      verdict: 'failed',
      found: 'deposit 0 wei, reserve 0 wei: both are needed',
      advice: expect.stringContaining('gateway plan'),
    })
  })

  it('finds the orchestrators that take its price', async () => {
    // The second of the chain does not run.
    expect(await orchestrators(await gateway('gateway'), signal)).toMatchObject({
      verdict: 'warning',
      found: expect.stringMatching(/^1 of 2 asked orchestrators take streams, the cheapest for 0\.01; /),
    })
    const poor = await gateway('gateway', '-maxPricePerUnit=1', '-pixelsPerUnit=1000', `-orchAddr=${uri}`)
    expect(await orchestrators(poor, signal)).toMatchObject({
      verdict: 'failed',
      found: '0 of 1 asked orchestrators take streams at 0.001 wei per pixel or less, the cheapest for 0.01',
    })
    const nobody = await gateway('gateway', `-orchAddr=127.0.0.1:${await freePort()}`)
    expect(await orchestrators(nobody, signal)).toMatchObject({ verdict: 'failed' })
  })
})

describe('a price in another currency', () => {
  it('is converted by the price feed', async () => {
    // 10^14 wei for a dollar.
    const feed = await setup.openFeed('ETH / USD', 10_000_00000000n)
    const most = (text: string) =>
      gateway(
        'gateway',
        `-maxPricePerUnit=${text}`,
        '-pixelsPerUnit=1e16',
        `-priceFeedAddr=${feed}`,
        `-orchAddr=${uri}`,
      )
    const enough = await most('2USD')
    expect(await priceFeed(enough, 'USD')).toMatchObject({
      verdict: 'ok',
      found: expect.stringMatching(/^ETH \/ USD: 1 USD costs 100,000 gwei, answered 0 minutes ago/),
    })
    expect(await orchestrators(enough, signal)).toMatchObject({ facts: { maxWeiPerPixel: '0.02' }, verdict: 'warning' })
    expect(await orchestrators(await most('0.5USD'), signal)).toMatchObject({
      verdict: 'failed',
      found: expect.stringContaining('at 0.005 wei per pixel or less, the cheapest for 0.01'),
    })
    await expect(priceFeed(enough, 'EUR')).rejects.toMatchObject({ code: 'bad_price_feed' })
  })

  it('needs a price feed', async () => {
    const subject = await orchestrator('gateway', '-pricePerUnit=1USD')
    await expect(priceFeed(subject, 'USD')).rejects.toMatchObject({ code: 'no_price_feed' })
    await expect(price(subject, signal)).rejects.toThrow(/-priceFeedAddr/)
    expect(checksOf(subject).map(({ name }) => name)).toContain('price of USD')
  })

  it('that nobody has updated for long is told', () => {
    const feed = { base: 'ETH', quote: 'USD', price: rational(1n), updatedAtMs: 0 }
    expect(judgeFeed(feed, 'a price', 26 * 3_600_000).verdict).toBe('warning')
    expect(judgeFeed(feed, 'a price', 24 * 3_600_000).verdict).toBe('ok')
  })
})

describe('an account', () => {
  it('opens, and its key is never shown', async () => {
    const outcome = await keystore(await gateway('gateway'))
    expect(outcome).toEqual({
      verdict: 'ok',
      found: `the key of ${devnetAddress('gateway')} opens`,
      facts: { address: devnetAddress('gateway') },
    })
  })

  it('does not open with another password, which is not shown', async () => {
    const outcome = await keystore(await gateway('gateway', '-ethPassword=something else'))
    expect(outcome).toMatchObject({ verdict: 'failed', found: expect.stringContaining('the password does not open') })
    expect(JSON.stringify(outcome)).not.toMatch(/something else/)
  })

  it('is not made by looking for it', async () => {
    const folder = `${setup.home}/empty`
    const args = [
      '-gateway',
      '-network=devnet',
      `-ethUrl=${setup.url}`,
      `-dataDir=${folder}`,
      `-ethPassword=${PASSWORD}`,
    ]
    const subject = await subjectOf(args, {})
    expect(await keystore(subject)).toMatchObject({
      verdict: 'warning',
      found: expect.stringContaining('makes a new account'),
    })
    await expect(balance(subject)).rejects.toMatchObject({ code: 'needs_another_check' })
  })

  it('with a key that everybody knows is refused on a real network', async () => {
    const args = [...(await setup.account('gateway')), '-network=arbitrum-one-mainnet']
    expect(await keystore(await subjectOf(['-gateway', ...args], {}))).toMatchObject({
      verdict: 'failed',
      found: expect.stringContaining('public test key'),
    })
  })

  it('has enough for gas, or too little', async () => {
    expect(await balance(await orchestrator('orchestrator1'))).toMatchObject({
      verdict: 'ok',
      facts: { gasPriceWei: '1' },
    })
    await setup.rpc('anvil_setBalance', devnetAddress('redeemer2'), '0x10')
    expect(await balance(await orchestrator('redeemer2'))).toMatchObject({
      verdict: 'failed',
      advice: expect.stringContaining(`send ETH to ${devnetAddress('redeemer2')}`),
    })
    expect(await balance(await gateway('redeemer2'))).toMatchObject({ verdict: 'warning' })
  })
})

describe('an RPC', () => {
  it('answers for its chain, and the clock agrees with its blocks', async () => {
    expect(await rpc(setup.url, 31337)).toMatchObject({ verdict: 'ok', facts: { chainId: 31337 } })
    expect(await clock(await gateway('gateway'))).toMatchObject({ verdict: 'ok' })
  })

  it('of another chain is told', async () => {
    expect(await rpc(setup.url, 42161)).toMatchObject({
      verdict: 'failed',
      found: expect.stringContaining('this network is chain 42161'),
    })
  })

  it('that is not there fails without telling the secret in its URL', async () => {
    const dead = `http://127.0.0.1:${await freePort()}/v2/secret-word`
    await expect(rpc(dead, 31337)).rejects.toThrow(/no Ethereum RPC answers/)
    await expect(rpc(dead, 31337)).rejects.not.toThrow(/secret-word/)
  })

  it.each([
    ['stands still', { timestamp: 60 * 60, l1: true }, 'failed', 'stands still'],
    ['lags behind', { timestamp: 120, l1: true }, 'warning', 'lags behind'],
    ['keeps the numbers of the other layer to itself', { timestamp: 1, l1: false }, 'failed', 'Arbitrum'],
    ['is well', { timestamp: 1, l1: true }, 'ok', undefined],
  ] as const)('that %s is told', async (_, block, verdict, advice) => {
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        const { id, method } = JSON.parse(body) as { id: number; method: string }
        const timestamp = `0x${(Math.floor(Date.now() / 1000) - block.timestamp).toString(16)}`
        const latest = { number: '0x10', timestamp, ...(block.l1 && { l1BlockNumber: '0x1' }) }
        const result = method === 'eth_chainId' ? '0xa4b1' : latest
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const outcome = await rpc(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 42161)
      expect(outcome.verdict).toBe(verdict)
      if (advice) expect(outcome.advice).toContain(advice)
    } finally {
      server.close()
    }
  })
})
