import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_LADDER, nodeId } from '@millrace/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeConfig } from './node-config.ts'
import { decodeNodeConfig, encodeNodeConfig } from './node-config-file.ts'

const LISTEN = { host: '127.0.0.1', port: 1 }
const ADDRESS = '0x00000000000000000000000000000000000000aa'

const CHAIN: NodeConfig = {
  nodeId: nodeId('everything'),
  folder: '/data/everything',
  network: {
    kind: 'chain',
    ethUrl: 'http://127.0.0.1:8545',
    controller: ADDRESS,
    chainId: 31337,
    pollMs: 250,
    payments: 'devnet',
    priceFeed: ADDRESS,
    tickets: {
      ticketEvWei: 10n ** 30n,
      maxTicketEvWei: 1n,
      maxTotalEvWei: 2n,
      depositMultiplier: 3n,
      maxFaceValueWei: 4n,
    },
    transactions: { minGasPriceWei: 1n, maxGasPriceWei: 10n ** 20n, timeoutMs: 1000, maxReplacements: 0, gasLimit: 1n },
  },
  goLivepeerFolder: '/home/livepeer/.lpData/arbitrum-one-mainnet',
  keystorePassword: 'secret',
  keystore: { path: '/keys', account: ADDRESS, create: true },
  operator: LISTEN,
  queues: {
    amqp: { uri: 'amqps://me:secret@broker', exchange: 'events', publishTimeoutMs: 1_000 },
    kafka: { bootstrapServers: 'a:9092,b:9092', topic: 't', user: 'u', password: 'p' },
  },
  gateway: {
    rtmp: { host: '0.0.0.0', port: 1935 },
    http: LISTEN,
    ladder: DEFAULT_LADDER,
    orchestrators: ['https://127.0.0.1:8935'],
    orchWebhookUrl: 'https://operator.example/list',
    orchBlocklist: [ADDRESS],
    orchMinLivepeerVersion: '0.8.0',
    extraNodes: 2,
    discoveryTimeoutMs: 700,
    selectStakeWeight: 0.5,
    selectRandFreq: 0.25,
    selectPriceWeight: 0.25,
    selectPriceExpFactor: 50,
    orchPerfStatsUrl: 'https://operator.example/scores',
    region: 'FRA',
    minPerfScore: 0.5,
    ignoreMaxPriceIfNeeded: true,
    compareOneIn: 4,
    authWebhookUrl: 'https://operator.example/auth',
    acme: {
      domains: ['live.example.org'],
      directory: 'https://ca.example/directory',
      email: 'operator@example.org',
      externalAccount: { keyId: 'kid', key: 'c2VjcmV0' },
      http: { host: '0.0.0.0', port: 80 },
    },
    webrtc: {
      addresses: ['0.0.0.0'],
      ports: [50_000, 50_200],
      turn: {
        listen: { host: '0.0.0.0', port: 3478 },
        secure: { host: '0.0.0.0', port: 5349 },
        besideHttps: 443,
        certificate: { certFile: '/data/certificate.pem', keyFile: '/data/certificate.pem' },
        name: 'live.example.org',
      },
    },
    weights: { price: 0.5, quality: 0.1, latency: 0.1, stake: 0.2, random: 0.1 },
    // More than a number of JSON can hold exactly.
    maxPricePerPixel: { num: 2n ** 200n + 1n, den: 3n },
    maxPriceCurrency: 'USD',
    maxAttempts: 2,
    maxStreams: 5,
    currentManifest: true,
    dvrMs: 600_000,
    source: { kind: 'file', name: 'clip', path: '/clip.mp4', loop: true },
    httpIngest: false,
    ai: {
      retryTimeoutMs: 2_000,
      jobTimeoutMs: 60_000,
      live: {
        paymentIntervalMs: 5_000,
        outSegmentTimeoutMs: 30_000,
        minSegmentMs: 1_000,
        maxViewers: 5,
        auth: { url: 'https://a.example/', apiKey: 'k' },
        heartbeat: { url: 'https://b.example/', headers: { a: 'b' }, intervalMs: 5_000 },
      },
    },
  },
  aiWorker: {
    workerId: nodeId('a'),
    models: [
      { pipeline: 'upscale', modelId: 'millrace/esrgan-slim-x2', adapter: 'embedded', warm: true },
      {
        pipeline: 'llm',
        modelId: 'm',
        adapter: 'openai',
        url: 'http://127.0.0.1:8080',
        token: 't',
        warm: false,
        capacity: 4,
      },
      {
        pipeline: 'text-to-image',
        modelId: 'c',
        adapter: 'comfyui',
        url: 'http://127.0.0.1:1',
        warm: true,
        workflow: '/w.json',
      },
    ],
    folder: '/models',
    runnerApi: { listen: LISTEN, token: 't' },
    orchestrator: { uri: 'https://127.0.0.1:8935', secret: 's' },
  },
  orchestrator: {
    serviceUri: 'https://127.0.0.1:8935',
    listen: LISTEN,
    pricePerPixel: { num: 1n, den: 10n ** 30n },
    maxSessions: 10,
    lptPerSession: 10n ** 21n,
    workerSecret: 'secret',
    address: ADDRESS,
    callReward: true,
    initializeRounds: false,
    redeemerUri: 'https://127.0.0.1:1',
    autoAdjustPrice: true,
    currency: 'USD',
    aiPrices: [
      {
        capability: 30,
        modelId: 'default',
        pricePerUnit: { num: 1n, den: 10n ** 12n },
        currency: 'USD',
        gateway: ADDRESS,
      },
    ],
    gatewayPrices: [{ gateway: ADDRESS, pricePerPixel: { num: 1n, den: 2n }, currency: 'USD' }],
  },
  worker: {
    workerId: nodeId('w'),
    capacity: 4,
    ladder: DEFAULT_LADDER,
    engine: 'ffmpeg',
    preset: 'veryfast',
    orchestrator: { uri: 'https://127.0.0.1:8935', secret: 's', nodeId: nodeId('o') },
  },
  redeemer: { listen: LISTEN, recipient: ADDRESS },
  tester: {
    listen: LISTEN,
    region: 'FRA',
    intervalMs: 60_000,
    clip: '/clip.ts',
    ladder: DEFAULT_LADDER,
    orchestrators: ['https://127.0.0.1:8935'],
    orchBlocklist: [ADDRESS],
    orchMinLivepeerVersion: '0.8.0',
    maxPricePerPixel: { num: 1n, den: 3n },
  },
}
const OFFCHAIN: NodeConfig = {
  nodeId: nodeId('g'),
  folder: '/data/g',
  network: { kind: 'offchain' },
  operator: LISTEN,
  gateway: { rtmp: undefined, http: LISTEN, ladder: [], source: { kind: 'generated', name: 'test' } },
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function read(text: string): NodeConfig {
  const path = join(folder, 'node.json')
  writeFileSync(path, text)
  return decodeNodeConfig(path)
}

it.each([
  ['with every role', CHAIN],
  ['without a chain', OFFCHAIN],
])('a configuration %s comes back as it was written', (_, config) => {
  expect(read(encodeNodeConfig(config))).toEqual(config)
})

describe('a file that is wrong names what is wrong', () => {
  const changed = (path: string, value: unknown): string => {
    const json = JSON.parse(encodeNodeConfig(CHAIN)) as Record<string, unknown>
    const names = path.split('.')
    let at = json
    for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>
    at[names.at(-1)!] = value
    return JSON.stringify(json)
  }

  it.each([
    ['operator.port', 70_000],
    ['network.chainId', '31337'],
    ['network.controller', '0x1'],
    ['network.tickets.depositMultiplier', '0'],
    ['network.transactions.maxGasPriceWei', 5],
    ['keystore.account', 'me'],
    ['gateway.maxPricePerPixel.num', 5],
    ['gateway.maxPricePerPixel.num', '-5'],
    ['gateway.ladder.0.width', 0],
    ['gateway.weights.price', 2],
    ['gateway.selectStakeWeight', -1],
    ['gateway.orchWebhookUrl', 'list'],
    ['gateway.discoveryTimeoutMs', 0],
    ['gateway.compareOneIn', 0.5],
    ['tester.intervalMs', 0],
    ['orchestrator.pricePerPixel.den', '1e5'],
    ['orchestrator.maxSessions', 0],
    ['orchestrator.maxSessions', 'many'],
    ['worker.engine', 'gstreamer'],
    ['aiWorker.models.0.adapter', 'magic'],
    ['aiWorker.models', []],
    ['orchestrator.aiPrices.0.capability', -1],
    ['redeemer.recipient', 'me'],
    ['nodeId', ''],
  ])('%s = %j', (path, value) => {
    expect(() => read(changed(path, value))).toThrow(
      expect.objectContaining({ code: 'bad_config', message: expect.stringContaining(`${path}:`) }),
    )
  })

  it.each(['gateway.colour', 'colour', 'network.colour', 'worker.colour'])('%s, which nobody knows', (path) => {
    expect(() => read(changed(path, 1))).toThrow(
      expect.objectContaining({ code: 'bad_config', message: expect.stringContaining('colour') }),
    )
  })

  it('a price with nothing below the line', () => {
    expect(() => read(changed('orchestrator.pricePerPixel.den', '0'))).toThrow(
      expect.objectContaining({
        code: 'bad_config',
        message: expect.stringContaining('orchestrator.pricePerPixel.den'),
      }),
    )
  })

  it.each(['', '{', 'not json', '{"nodeId":'])('text that is no JSON: %j', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'bad_config', message: expect.stringContaining('node.json is not JSON') }),
    )
  })

  it.each(['null', '[]', '5', '{}'])('JSON that is no configuration: %s', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'bad_config' }))
  })

  it('a file that is not there', () => {
    expect(() => decodeNodeConfig(join(folder, 'nothing.json'))).toThrow(
      expect.objectContaining({ code: 'no_such_file', message: expect.stringContaining('nothing.json') }),
    )
  })

  it.skipIf(process.getuid?.() === 0)('a file that may not be read', () => {
    const path = join(folder, 'locked.json')
    writeFileSync(path, '{}')
    chmodSync(path, 0o000)
    expect(() => decodeNodeConfig(path)).toThrow(expect.objectContaining({ code: 'no_permission' }))
  })
})
