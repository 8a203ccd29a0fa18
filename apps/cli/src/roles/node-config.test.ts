import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeNodeConfig, encodeNodeConfig } from '@millrace/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFlags } from '../flags/read-flags.ts'
import { encodeJoinToken } from './join-token.ts'
import { dataFolderOf, nodeConfigOf } from './node-config.ts'
import { rolesOf } from './roles-of.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-mapping-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CHAIN = ['-network', 'arbitrum-one-mainnet', '-ethUrl', 'https://rpc.example/key']
const SELLER = ['-orchestrator', '-serviceAddr', 'o.example:8935', ...CHAIN]

/** The configuration that a command line comes to, and that a configuration file would hold as well. */
async function config(...args: string[]) {
  const flags = readFlags(args, {})
  const made = await nodeConfigOf(rolesOf(undefined, flags), flags, { data: folder, node: folder })
  const path = join(folder, 'node.json')
  writeFileSync(path, encodeNodeConfig(made))
  expect(decodeNodeConfig(path)).toEqual(JSON.parse(JSON.stringify(made, revive), restore))
  return made
}
const revive = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)
const restore = (_: string, value: unknown) =>
  typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value

const refused = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

describe('defaults are those of go-livepeer:', () => {
  it('a gateway', async () => {
    const { gateway, operator, network } = await config('-gateway', '-orchAddr', 'a,:9,https://c:443')
    expect(network).toEqual({ kind: 'offchain' })
    expect(operator).toEqual({ host: '127.0.0.1', port: 5935 })
    expect(gateway).toMatchObject({
      rtmp: { host: '127.0.0.1', port: 1935 },
      http: { host: '127.0.0.1', port: 9935 },
      orchestrators: ['https://a:8935', 'https://127.0.0.1:9', 'https://c:443'],
      maxAttempts: 3,
      maxStreams: 10,
      httpIngest: true,
    })
    expect(gateway?.ladder.map(({ name }) => name)).toEqual(['P240p30fps16x9', 'P360p30fps16x9'])
    expect(gateway).not.toHaveProperty('weights')
    expect(gateway).not.toHaveProperty('maxPricePerPixel')
  })

  it('a gateway whose ladder is a file, as docs/renditions.md has it', async () => {
    const page = readFileSync(new URL('../../../../docs/renditions.md', import.meta.url), 'utf8')
    const path = join(folder, 'ladder.json')
    writeFileSync(path, /```json\n([^`]+)```/.exec(page)![1]!)
    const line = /millrace (gateway -orchAddr.*)/.exec(page)![1]!.replace('ladder.json', path).split(' ').slice(1)
    const { gateway } = await config('-gateway', ...line)
    expect(gateway?.ladder.map(({ codec, format }) => `${codec} ${format}`)).toEqual([
      'h264 mpegts',
      'h264 mpegts',
      'av1 mp4',
      'vp9 mp4',
    ])
    expect(gateway).toMatchObject({ perTitle: 'lower', fitLadder: false })
    await expect(config('-gateway', '-orchAddr=a', '-perTitle=most')).rejects.toEqual(refused('bad_flag', 'lower'))
    expect((await config('-gateway', '-orchAddr=a', '-perTitle=off')).gateway).not.toHaveProperty('perTitle')
  })

  it('an orchestrator', async () => {
    const { orchestrator, operator } = await config('-orchestrator', '-serviceAddr', 'o.example')
    expect(operator.port).toBe(7935)
    expect(orchestrator).toMatchObject({
      serviceUri: 'https://o.example:8935',
      listen: { host: '0.0.0.0', port: 8935 },
      maxSessions: 10,
      callReward: false,
      autoAdjustPrice: true,
    })
  })

  it('a worker', async () => {
    const { worker, operator } = await config('-transcoder', '-orchAddr', 'o', '-orchSecret', 'x')
    expect(operator.port).toBe(6935)
    expect(worker).toMatchObject({ capacity: 10, orchestrator: { uri: 'https://o:8935', secret: 'x' } })
  })

  it('a redeemer', async () => {
    const owner = `0x${'AB'.repeat(20)}`
    const made = await config('-redeemer', '-ethOrchAddr', owner, ...CHAIN)
    expect(made.redeemer).toEqual({ listen: { host: '127.0.0.1', port: 8935 }, recipient: owner.toLowerCase() })
    expect(made.operator.port).toBe(7935)
  })

  it('a signer', async () => {
    const { signer, operator, network, gateway } = await config('-remoteSigner', ...CHAIN)
    expect(signer).toEqual({ listen: { host: '127.0.0.1', port: 8935 } })
    expect([operator.port, network.kind, gateway]).toEqual([3935, 'chain', undefined])
  })

  it('the live network', async () => {
    const { network, keystore } = await config(...SELLER, '-pricePerUnit', '1200', '-pixelsPerUnit', '1e6')
    expect(network).toMatchObject({
      chainId: 42161,
      controller: '0xd8e8328501e9645d16cf49539efc04f734606ee4',
      pollMs: 5_000,
      payments: 'livepeer',
      transactions: { timeoutMs: 300_000, maxReplacements: 1 },
    })
    expect(keystore).toEqual({ path: join(folder, 'keystore'), create: false })
  })
})

describe('what flags say reaches the configuration:', () => {
  it('prices and tickets', async () => {
    const gateways = JSON.stringify({
      broadcasters: [{ ethaddress: `0x${'1'.repeat(40)}`, priceperunit: 0.5, pixelsperunit: 10, currency: 'wei' }],
    })
    const { orchestrator, network } = await config(
      ...[...SELLER, '-pricePerUnit', '0.0000012ETH', '-pixelsPerUnit', '1e12', '-autoAdjustPrice=false'],
      ...['-pricePerBroadcaster', gateways, '-ticketEV', '5e9', '-maxFaceValue', '7', '-depositMultiplier', '3'],
    )
    expect(orchestrator).toMatchObject({
      pricePerPixel: { num: 6n, den: 5n },
      autoAdjustPrice: false,
      gatewayPrices: [{ gateway: `0x${'1'.repeat(40)}`, pricePerPixel: { num: 1n, den: 20n } }],
      callReward: true,
      initializeRounds: false,
    })
    expect(network).toMatchObject({
      tickets: { ticketEvWei: 5_000_000_000n, maxFaceValueWei: 7n, depositMultiplier: 3n },
    })
  })

  it('prices in dollars, with the feed that converts them', async () => {
    const friend = `0x${'1'.repeat(40)}`
    const gateways = JSON.stringify({ gateways: [{ ethaddress: friend, priceperunit: 0.4, currency: 'USD' }] })
    const { orchestrator, network } = await config(
      ...[...SELLER, '-pricePerUnit', '0.50usd', '-pixelsPerUnit', '1e12', '-pricePerGateway', gateways],
    )
    expect(orchestrator).toMatchObject({
      pricePerPixel: { num: 1n, den: 2n * 10n ** 12n },
      currency: 'USD',
      gatewayPrices: [{ gateway: friend, pricePerPixel: { num: 2n, den: 5n }, currency: 'USD' }],
    })
    expect(network).toMatchObject({ priceFeed: '0x639fe6ab55c921f74e7fac1ee960c0b6293ba612' })
    const feed = `0x${'2'.repeat(40)}`
    const { gateway, ...buyer } = await config(
      ...['-gateway', ...CHAIN, '-maxPricePerUnit=1EUR', '-priceFeedAddr', feed, '-ignoreMaxPriceIfNeeded'],
    )
    expect(gateway).toMatchObject({
      maxPricePerPixel: { num: 1n, den: 1n },
      maxPriceCurrency: 'EUR',
      ignoreMaxPriceIfNeeded: true,
    })
    expect(buyer.network).toMatchObject({ priceFeed: feed })
  })

  it('who may be chosen', async () => {
    const { gateway } = await config(
      ...[
        '-gateway',
        '-orchWebhookUrl',
        'https://list.example/key',
        '-orchBlocklist',
        `${'a'.repeat(40)},0x${'B'.repeat(40)}`,
      ],
      ...[
        '-orchMinLivepeerVersion',
        '0.8.0',
        '-extraNodes',
        '2',
        '-discoveryTimeout',
        '700ms',
        '-compareOneIn',
        '3',
        '-region',
        'fra',
      ],
      ...['-orchPerfStatsUrl', 'https://scores.example', '-minPerfScore', '0.5', '-selectStakeWeight', '0.6'],
      ...['-selectRandFreq=0.2', '-selectPriceWeight=0.2', '-selectPriceExpFactor=50', '-authWebhookUrl=https://a'],
      ...['-httpAddr', '0.0.0.0:9935'],
    )
    expect(gateway).toMatchObject({
      orchWebhookUrl: 'https://list.example/key',
      orchBlocklist: [`0x${'a'.repeat(40)}`, `0x${'b'.repeat(40)}`],
      orchMinLivepeerVersion: '0.8.0',
      extraNodes: 2,
      discoveryTimeoutMs: 700,
      compareOneIn: 3,
      region: 'fra',
      orchPerfStatsUrl: 'https://scores.example',
      minPerfScore: 0.5,
      selectStakeWeight: 0.6,
      selectRandFreq: 0.2,
      selectPriceWeight: 0.2,
      selectPriceExpFactor: 50,
      authWebhookUrl: 'https://a',
      httpIngest: true,
    })
    expect(gateway?.orchestrators).toBeUndefined()
  })

  it('as many sessions as remote workers can take', async () => {
    expect((await config('-orchestrator', '-maxSessions=auto')).orchestrator?.maxSessions).toBe('auto')
    expect(await config('-orchestrator', '-transcoder', '-maxSessions=auto')).toMatchObject({
      orchestrator: { maxSessions: 'auto' },
      worker: { capacity: 'auto' },
    })
  })

  it('no more sessions than the stake pays for', async () => {
    const tied = await config(...SELLER, '-pricePerUnit=1', '-lptPerSession=1500.5')
    expect(tied.orchestrator?.lptPerSession).toBe(1_500_500_000_000_000_000_000n)
    const free = await config(...SELLER, '-pricePerUnit=1', '-lptPerSession=0')
    expect(free.orchestrator).not.toHaveProperty('lptPerSession')
  })

  it('gas and transactions', async () => {
    const { network, orchestrator } = await config(
      ...[
        ...SELLER,
        '-pricePerUnit=0',
        '-gasLimit=500000',
        '-initializeRoundMaxDelay=5s',
        '-minGasPrice=1',
        '-maxGasPrice=40e9',
        '-transactionTimeout=1m',
      ],
      ...['-maxTransactionReplacements=0', '-blockPollingInterval=2', '-reward=false', '-initializeRound'],
    )
    expect(network).toMatchObject({
      pollMs: 2_000,
      transactions: {
        minGasPriceWei: 1n,
        maxGasPriceWei: 40_000_000_000n,
        timeoutMs: 60_000,
        maxReplacements: 0,
        gasLimit: 500_000n,
      },
    })
    expect(orchestrator).toMatchObject({ initializeRounds: true, initializeRoundMaxDelayMs: 5_000 })
  })

  it('further instances of an orchestrator', async () => {
    const { orchestrator } = await config('-orchestrator', '-nodes=one.example:9000, https://two.example')
    expect(orchestrator?.nodes).toEqual(['https://one.example:9000', 'https://two.example:8935'])
  })

  it('selection and the most to pay', async () => {
    const { gateway } = await config(
      ...['-gateway', ...CHAIN, '-selectPriceWeight', '0.5', '-maxPricePerUnit', '3', '-pixelsPerUnit', '2'],
    )
    expect(gateway).toMatchObject({
      selectPriceWeight: 0.5,
      maxPricePerPixel: { num: 3n, den: 2n },
    })
    expect(gateway).not.toHaveProperty('orchestrators')
  })

  it('our own weights, as parts of one', async () => {
    const weights = async (text: string) =>
      (await config('-gateway', '-orchAddr=a', '-selectWeights', text)).gateway?.weights
    expect(await weights('price=3, latency=1')).toEqual({ price: 0.75, quality: 0, latency: 0.25, stake: 0, random: 0 })
    for (const wrong of ['price', 'price=-1', 'price=0', 'luck=1', 'price=1,price=1', 'price=1e999'])
      await expect(weights(wrong), wrong).rejects.toMatchObject({ code: 'bad_flag' })
    expect((await config('-gateway', '-orchAddr=a')).gateway).not.toHaveProperty('weights')
  })

  it('renditions from a file', async () => {
    const path = join(folder, 'ladder.json')
    writeFileSync(path, '[{"name":"tiny","width":160,"height":90,"bitrate":90000,"fps":0,"gop":"1"}]')
    const { gateway } = await config('-gateway', '-orchAddr=a', '-transcodingOptions', path)
    expect(gateway?.ladder).toMatchObject([{ name: 'tiny', width: 160, gopMs: 1_000 }])
  })

  it('a local worker, remote workers, or both', async () => {
    const local = await config('-orchestrator', '-transcoder')
    expect(local.worker).not.toHaveProperty('orchestrator')
    expect(local.orchestrator).not.toHaveProperty('workerSecret')
    const remote = await config('-orchestrator', '-orchSecret', 'x')
    expect(remote.worker).toBeUndefined()
    expect(remote.orchestrator?.workerSecret).toBe('x')
    const both = await config('-orchestrator', '-transcoder', '-orchSecret', 'x')
    expect([both.orchestrator?.workerSecret, both.worker?.orchestrator]).toEqual(['x', undefined])
  })

  it('a join token, whose parts flags may replace', async () => {
    const token = encodeJoinToken({ uri: 'https://o:1', secret: 's' })
    expect((await config('-transcoder', '-join', token)).worker?.orchestrator).toEqual({
      uri: 'https://o:1',
      secret: 's',
    })
    const { worker } = await config('-transcoder', '-join', token, '-orchAddr', 'lan:2')
    expect(worker?.orchestrator).toEqual({ uri: 'https://lan:2', secret: 's' })
  })

  it('figures and traces', async () => {
    const quiet = await config('-gateway', '-orchAddr=a', '-metricsPerStream')
    expect([quiet.monitor, quiet.traces]).toEqual([undefined, undefined])
    const open = await config('-gateway', '-orchAddr=a', '-monitor', '-metricsPerStream', '-otlpUrl=http://c:4318')
    expect([open.monitor, open.traces]).toEqual([{ perStream: true, clientIp: false }, { otlpUrl: 'http://c:4318' }])
  })

  it('a message broker, whose address is not repeated when it is wrong', async () => {
    const { queues } = await config('-gateway', '-orchAddr=a', '-metadataQueueUri=amqp://me:secret@broker/vhost')
    expect(queues).toEqual({
      amqp: { uri: 'amqp://me:secret@broker/vhost', exchange: 'lp_golivepeer_metadata', publishTimeoutMs: 1_000 },
    })
    const wrong = await config('-gateway', '-orchAddr=a', '-metadataQueueUri=https://me:secret@broker').catch((e) => e)
    expect(wrong).toMatchObject({ code: 'bad_flag' })
    expect(wrong.message).not.toContain('secret')
  })

  it('what a signer may pay, for whom, and whom it finds', async () => {
    const { signer } = await config(
      ...['-remoteSigner', ...CHAIN, '-httpAddr', '0.0.0.0:9000', '-maxPricePerUnit', '5', '-remoteSignerAllowNoAuth'],
      ...[
        '-remoteSignerWebhookUrl',
        'auth.example/x',
        '-remoteSignerWebhookHeaders',
        'Authorization:Bearer a:b, X-Key:1',
      ],
      ...['-remoteSignerMaxHourlyValue', '1e15', '-remoteDiscovery', '-liveAICapReportInterval', '10s'],
      ...['-orchBlocklist', 'AB'.repeat(20)],
    )
    expect(signer).toEqual({
      listen: { host: '0.0.0.0', port: 9000 },
      webhook: { url: 'https://auth.example/x', headers: { Authorization: 'Bearer a:b', 'X-Key': '1' } },
      allowNoAuth: true,
      discovery: { refreshMs: 10_000 },
      maxHourlyValueWei: 10n ** 15n,
      orchBlocklist: [`0x${'ab'.repeat(20)}`],
      maxPricePerPixel: { num: 5n, den: 1n },
    })
  })

  it('a signer elsewhere, so that no key and no orchestrator need be named', async () => {
    const made = await config('-gateway', '-remoteSignerUrl', 'http://s:8935', '-remoteSignerHeaders', 'X-Tenant:acme')
    expect(made.gateway?.remoteSigner).toEqual({ url: 'http://s:8935', headers: { 'X-Tenant': 'acme' } })
    expect(made.network).toEqual({ kind: 'offchain' })
    expect(made).not.toHaveProperty('keystore')
    expect((await config('-gateway', '-remoteSignerUrl', 'abc:65535')).gateway?.remoteSigner).toEqual({
      url: 'https://abc:65535',
    })
  })

  it('ceilings for capabilities, from a text or a file', async () => {
    const prices = {
      capabilities_prices: [
        { pipeline: 'hevc-encode', price_per_unit: 2400, pixels_per_unit: 2 },
        { pipeline: 'text-to-image', model_id: 'a/b', price_per_unit: '0.5', currency: 'wei' },
        { pipeline: 'vp9-encode', model_id: 'default', price_per_unit: 0, pixels_per_unit: 0 },
      ],
    }
    const path = join(folder, 'ceilings.json')
    writeFileSync(path, JSON.stringify(prices))
    const rest = ['-gateway', '-orchAddr=a', '-maxPricePerUnit=100', '-pixelsPerUnit=10']
    for (const text of [JSON.stringify(prices), path])
      expect((await config(...rest, '-maxPricePerCapability', text)).gateway?.maxPricesPerCapability).toEqual([
        { capability: 16, modelId: 'default', pricePerPixel: { num: 1200n, den: 1n } },
        { capability: 27, modelId: 'a/b', pricePerPixel: { num: 1n, den: 20n } },
        { capability: 20, modelId: 'default', pricePerPixel: { num: 10n, den: 1n } },
      ])
    // A ceiling of nothing, where there is none for anything, is no ceiling.
    const [, , , ...none] = rest
    const any = await config('-gateway', '-orchAddr=a', ...none, '-maxPricePerCapability', JSON.stringify(prices))
    expect(any.gateway?.maxPricesPerCapability).toHaveLength(2)
  })

  it('Kafka, with its password from a file', async () => {
    const file = join(folder, 'kafka-password')
    writeFileSync(file, 'geheim\n')
    const servers = ['-gateway', '-orchAddr=a', '-kafkaBootstrapServers=one:9092, two:9092', '-kafkaUser=me']
    const { queues } = await config(...servers, '-kafkaGatewayTopic=events', '-kafkaPassword', file)
    expect(queues?.kafka).toEqual({
      ...{ bootstrapServers: 'one:9092,two:9092', topic: 'events', user: 'me', password: 'geheim' },
    })
    await expect(config(...servers, '-kafkaPassword', file)).rejects.toMatchObject({ code: 'flag_missing' })
    await expect(config(...servers, '-kafkaGatewayTopic=events')).rejects.toMatchObject({ code: 'flag_missing' })
  })

  it('a data folder of go-livepeer, with its tickets', async () => {
    expect(await config(...SELLER, '-pricePerUnit=1')).not.toHaveProperty('goLivepeerFolder')
    const database = join(folder, 'lpdb.sqlite3')
    writeFileSync(database, '')
    expect((await config(...SELLER, '-pricePerUnit=1')).goLivepeerFolder).toBe(folder)
    rmSync(database)
  })

  it('the bonded account of a reward caller, and several RPCs', async () => {
    const { orchestrator, network } = await config(
      ...[...SELLER, '-pricePerUnit=1', '-ethOrchAddr', `0x${'Cd'.repeat(20)}`, '-ethUrl', 'https://a/k,https://b/k'],
    )
    expect(orchestrator?.address).toBe(`0x${'cd'.repeat(20)}`)
    expect(network).toMatchObject({ ethUrl: 'https://a/k,https://b/k' })
  })

  it('the data folder is named after the network', () => {
    expect(dataFolderOf(readFlags([], {}))).toMatch(/\.millrace\/offchain$/)
    expect(dataFolderOf(readFlags(['-network', '../../etc'], {}))).toMatch(/\.millrace\/_[^/]*$/)
    expect(dataFolderOf(readFlags(['-datadir', '/d'], {}))).toBe('/d')
  })
})

describe('what cannot be meant is refused:', () => {
  it.each([
    [[], 'bad_flag', 'no role'],
    [['-orchestrator', '-redeemer'], 'bad_flag', 'process of its own'],
    [['-gateway'], 'flag_missing', '-orchAddr'],
    [['-remoteSigner'], 'flag_missing', '-network'],
    [['-remoteSigner', '-gateway', ...CHAIN], 'bad_flag', 'process of its own'],
    [['-gateway', '-orchestrator', '-remoteSignerUrl=http://a'], 'bad_flag', 'leave out its other roles'],
    [['-gateway', '-remoteSignerUrl=http://a', ...CHAIN], 'bad_flag', 'leave out -network'],
    [['-gateway', '-remoteSignerUrl=http://[::1'], 'bad_flag', '-remoteSignerUrl'],
    [['-gateway', '-remoteSignerUrl=a', '-remoteSignerHeaders=secret'], 'bad_flag', '-remoteSignerHeaders'],
    [['-gateway', '-orchAddr=a', '-maxPricePerCapability={}'], 'bad_flag', 'capabilities_prices'],
    [
      [
        '-gateway',
        '-orchAddr=a',
        '-maxPricePerCapability={"capabilities_prices":[{"pipeline":"dance","price_per_unit":1}]}',
      ],
      'bad_flag',
      'no pipeline',
    ],
    [['-transcoder'], 'flag_missing', '-join'],
    [['-transcoder', '-orchAddr=a'], 'flag_missing', '-orchSecret'],
    [['-transcoder', '-orchAddr=a,b', '-orchSecret=x'], 'bad_flag', 'one orchestrator'],
    [['-redeemer'], 'flag_missing', '-network'],
    [['-gateway', '-network=mine', '-ethUrl=http://a'], 'flag_missing', '-ethController'],
    [['-gateway', '-network=arbitrum-one-mainnet'], 'flag_missing', '-ethUrl'],
    [[...SELLER], 'flag_missing', '-pricePerUnit'],
    [['-orchestrator', ...CHAIN, '-pricePerUnit=1'], 'flag_missing', '-serviceAddr'],
    [[...SELLER, '-pricePerUnit=0.5US$'], 'bad_flag', '-pricePerUnit'],
    [['-orchestrator', '-pricePerUnit=0.5USD'], 'bad_flag', 'no chain'],
    [[...SELLER, '-pricePerUnit=1', '-authWebhookUrl=https://a'], 'flag_not_served', '-authWebhookUrl'],
    [['-gateway', '-orchWebhookUrl=ftp://a'], 'bad_flag', '-orchWebhookUrl'],
    [['-gateway', '-orchAddr=a', '-orchBlocklist=me'], 'bad_flag', '-orchBlocklist'],
    [[...SELLER, '-pricePerUnit=1', '-pixelsPerUnit=0'], 'bad_flag', '-pixelsPerUnit'],
    [[...SELLER, '-pricePerUnit=cheap'], 'bad_flag', '-pricePerUnit'],
    [[...SELLER, '-pricePerUnit=1', '-pricePerGateway={'], 'bad_flag', '-pricePerGateway'],
    [[...SELLER, '-pricePerUnit=1', '-ethAcctAddr=me'], 'bad_flag', '-ethAcctAddr'],
    [['-orchestrator', '-lptPerSession=1000'], 'bad_flag', 'no chain'],
    [[...SELLER, '-pricePerUnit=1', '-lptPerSession=1e-20'], 'bad_flag', 'above 0'],
    [['-gateway', '-orchAddr=a', '-maxSessions=auto'], 'bad_flag', 'for a gateway'],
    [['-orchestrator', '-transcoder', '-maxSessions=all'], 'bad_flag', "or 'auto'"],
    [['-orchestrator', '-maxSessions=0'], 'bad_flag', '-maxSessions'],
    [['-orchestrator', '-serviceAddr=http://o:1'], 'bad_flag', '-serviceAddr'],
    [['-orchestrator', '-httpAddr=http://o:1'], 'bad_flag', '-httpAddr'],
    [['-orchestrator', '-cliAddr=0.0.0.0:7935'], 'bad_flag', '-cliAddr'],
    [['-orchestrator', '-cliAddr=127.0.0.1:99999'], 'bad_flag', '-cliAddr'],
    [['-gateway', '-orchAddr=a', '-transcodingOptions=P1'], 'bad_flag', 'unknown preset'],
  ])('%j', async (args, code, message) => {
    await expect(config(...args)).rejects.toEqual(refused(code, message))
  })

  it('an RPC address that is none, without repeating it', async () => {
    const bad = config('-gateway', '-network=arbitrum-one-mainnet', '-ethUrl=ws://secret-key')
    await expect(bad).rejects.toEqual(refused('bad_flag', '-ethUrl'))
    await expect(bad).rejects.not.toThrow(/secret-key/)
  })

  it('headers that are none, without repeating them', async () => {
    const bad = config('-gateway', '-remoteSignerUrl=a', '-remoteSignerHeaders=secret')
    await expect(bad).rejects.not.toThrow(/secret/)
  })

  it('pushed segments from outside, unless the operator says so', async () => {
    const outside = ['-gateway', '-orchAddr=a', '-httpAddr=0.0.0.0:9935']
    expect((await config(...outside)).gateway?.httpIngest).toBe(false)
    expect((await config(...outside, '-httpIngest')).gateway?.httpIngest).toBe(true)
  })
})

describe('the door for SRT', () => {
  const GATEWAY = ['-gateway', '-orchAddr', 'a']

  it("is closed unless it is named, and has libsrt's latency then", async () => {
    expect((await config(...GATEWAY)).gateway?.srt).toBeUndefined()
    const { gateway } = await config(...GATEWAY, '-srtAddr', ':9710', '-srtPassphrase', 'ten-letters')
    expect(gateway?.srt).toEqual({ host: '0.0.0.0', port: 9710, latencyMs: 120, passphrase: 'ten-letters' })
  })

  it.each([
    ['-srtPassphrase', 'hidden'],
    ['-srtPassphrase', 'hidden'.repeat(20)],
    ['-srtLatency', '9s'],
  ])('takes no %s %s, and repeats no secret', async (...args) => {
    await expect(config(...GATEWAY, '-srtAddr', ':9710', ...args)).rejects.toMatchObject({
      code: 'bad_flag',
      message: expect.not.stringContaining('hidden'),
    })
  })
})

describe('stores and other servers of a gateway', () => {
  const GATEWAY = ['-gateway', '-orchAddr', 'a']

  it('are named by their addresses', async () => {
    const store = 's3+https://KEY:SE%2FCRET@s3.example/bucket'
    const { gateway } = await config(
      ...[...GATEWAY, '-objectStore', store, '-recordStore', '/var/lib/recordings'],
      ...['-multistream', 'show/source=rtmps://a.example/live2/KEY  */720p0=srt://b.example:9000?streamid={stream}'],
    )
    expect(gateway).toMatchObject({
      objectStore: store,
      recordStore: '/var/lib/recordings',
      multistream: [
        { stream: 'show', rendition: 'source', url: 'rtmps://a.example/live2/KEY' },
        { stream: '*', rendition: '720p0', url: 'srt://b.example:9000?streamid={stream}' },
      ],
    })
  })

  it.each([
    ['bad_store_url', '-recordStore', 's3+https://hidden@s3.example/bucket'],
    ['bad_flag', '-multistream', 'rtmp://a.example/live/hidden'],
    ['bad_push_url', '-multistream', 'a/source=http://a.example/hidden'],
    ['bad_multistream', '-multistream', '*/source=rtmp://a.example/live/hidden'],
  ])('are refused with %s when they cannot be used, without being repeated', async (code, ...args) => {
    await expect(config(...GATEWAY, ...args)).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('hidden'),
    })
  })

  it('are not those of an orchestrator', async () => {
    const args = ['-orchestrator', '-serviceAddr', 'o.example', '-objectStore', 'memory://']
    await expect(config(...args)).rejects.toEqual(refused('flag_not_served', '-objectStore'))
  })
})
