import { readFileSync } from 'node:fs'
import { ADAPTERS } from '@millrace/ai'
import { errorText, MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import { z } from 'zod'
import { liveAiSelling } from './live-ai.ts'
import { liveAiGateway } from './live-ai-gateway.ts'
import { liveRunners } from './live-runners.ts'
import type { NodeConfig } from './node-config.ts'

const X264_PRESETS = 'ultrafast superfast veryfast faster fast medium slow slower veryslow'.split(' ')

const decimal = z
  .string()
  .regex(/^\d+$/)
  .transform((text) => BigInt(text))
const rational = z.object({ num: decimal, den: decimal.refine((den) => den > 0n, 'must be above 0') })
const listen = z.object({ host: z.string(), port: z.number().int().min(0).max(65_535) })
const address = z.string().regex(/^0x[0-9a-f]{40}$/)

const weight = z.number().min(0).max(1)

const profile = z.object({
  name: z.string().min(1),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  bitrateBps: z.number().int().positive(),
  fps: z.number().int().min(0),
  fpsDen: z.number().int().positive().optional(),
  format: z.enum(['mpegts', 'mp4']),
  profile: z.enum(['baseline', 'main', 'high', 'constrainedHigh']).optional(),
  gopMs: z.number().int(),
  codec: z.enum(['h264', 'h265', 'vp8', 'vp9', 'av1']),
  colorDepth: z.number().int().optional(),
  chroma: z.enum(['420', '422', '444']).optional(),
  quality: z.number().int().optional(),
})

const webService = z.strictObject({ url: z.url(), headers: z.record(z.string(), z.string()).optional() })
const capabilityPrices = z.array(
  z.strictObject({
    capability: z.number().int().min(0).max(255),
    modelId: z.string().min(1),
    pricePerPixel: rational,
    currency: z.string().optional(),
  }),
)

const certificateFiles = z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) })
const udpPort = z.number().int().min(1).max(65_535)

const nodeConfig = z.strictObject({
  nodeId: z.string().min(1),
  folder: z.string().min(1),
  network: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('offchain') }),
    z.strictObject({
      kind: z.literal('chain'),
      ethUrl: z.string(),
      controller: address,
      chainId: z.number().int().positive().optional(),
      pollMs: z.number().int().positive(),
      payments: z.enum(['livepeer', 'devnet']),
      priceFeed: address.optional(),
      tickets: z
        .strictObject({
          ticketEvWei: decimal.optional(),
          maxTicketEvWei: decimal.optional(),
          maxTotalEvWei: decimal.optional(),
          depositMultiplier: decimal.refine((value) => value > 0n, 'must be above 0').optional(),
          maxFaceValueWei: decimal.optional(),
        })
        .optional(),
      transactions: z
        .strictObject({
          minGasPriceWei: decimal.optional(),
          maxGasPriceWei: decimal.optional(),
          timeoutMs: z.number().int().positive().optional(),
          maxReplacements: z.number().int().min(0).optional(),
          gasLimit: decimal.optional(),
        })
        .optional(),
    }),
  ]),
  goLivepeerFolder: z.string().min(1).optional(),
  keystorePassword: z.string().optional(),
  keystore: z
    .strictObject({ path: z.string().min(1), account: address.optional(), create: z.boolean().optional() })
    .optional(),
  operator: listen,
  traces: z.strictObject({ otlpUrl: z.string() }).optional(),
  monitor: z.strictObject({ perStream: z.boolean().optional(), clientIp: z.boolean().optional() }).optional(),
  queues: z
    .strictObject({
      amqp: z
        .strictObject({
          uri: z.string().regex(/^amqps?:\/\//),
          exchange: z.string().min(1),
          publishTimeoutMs: z.number().int().positive(),
        })
        .optional(),
      kafka: z
        .strictObject({
          bootstrapServers: z.string().min(1),
          topic: z.string().min(1),
          user: z.string().optional(),
          password: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  gateway: z
    .strictObject({
      rtmp: listen.optional(),
      http: listen,
      ladder: z.array(profile),
      orchestrators: z.array(z.string()).optional(),
      orchWebhookUrl: z.url().optional(),
      orchBlocklist: z.array(z.string()).optional(),
      orchMinLivepeerVersion: z.string().optional(),
      extraNodes: z.number().int().min(0).max(100).optional(),
      discoveryTimeoutMs: z.number().int().positive().optional(),
      weights: z
        .strictObject({
          price: weight,
          quality: weight,
          latency: weight,
          stake: weight,
          random: weight,
        })
        .optional(),
      selectStakeWeight: weight.optional(),
      selectRandFreq: weight.optional(),
      selectPriceWeight: weight.optional(),
      selectPriceExpFactor: z.number().positive().optional(),
      orchPerfStatsUrl: z.url().optional(),
      region: z.string().optional(),
      minPerfScore: z.number().optional(),
      maxPricePerPixel: rational.optional(),
      maxPriceCurrency: z.string().optional(),
      ignoreMaxPriceIfNeeded: z.boolean().optional(),
      compareOneIn: z.number().int().min(0).max(1_000_000).optional(),
      challenge: z.boolean().optional(),
      verifyPreset: z.enum(X264_PRESETS).optional(),
      fitLadder: z.boolean().optional(),
      opus: z.boolean().optional(),
      perTitle: z.enum(['lower', 'both']).optional(),
      lowLatency: z.boolean().optional(),
      objectStore: z.string().min(1).optional(),
      recordStore: z.string().min(1).optional(),
      multistream: z
        .array(z.strictObject({ stream: z.string().min(1), rendition: z.string().min(1), url: z.string().min(1) }))
        .max(100)
        .optional(),
      distribution: z
        .strictObject({
          edges: z.number().int().positive().max(20).optional(),
          maxPricePerByte: rational.optional(),
          maxPriceCurrency: z.string().optional(),
          maxBytesPerMinute: z.number().int().positive().optional(),
          maxBytesPerStream: z.number().int().positive().optional(),
          origin: z.url().optional(),
        })
        .optional(),
      authWebhookUrl: z.url().optional(),
      maxAttempts: z.number().int().positive().optional(),
      maxStreams: z.number().int().positive().optional(),
      currentManifest: z.boolean().optional(),
      dvrMs: z.number().int().nonnegative().optional(),
      source: z
        .discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('generated'),
            name: z.string(),
            width: z.number().int().positive().optional(),
            height: z.number().int().positive().optional(),
            bitrateBps: z.number().int().positive().optional(),
          }),
          z.strictObject({ kind: z.literal('file'), name: z.string(), path: z.string(), loop: z.boolean() }),
        ])
        .optional(),
      sources: z
        .array(z.strictObject({ name: z.string().min(1), address: z.string().min(1) }))
        .max(1_000)
        .optional(),
      rtmps: listen.optional(),
      srt: listen
        .extend({ latencyMs: z.number().int().positive().max(8_000).optional(), passphrase: z.string().optional() })
        .optional(),
      takeover: z.boolean().optional(),
      reconnectMs: z.number().int().nonnegative().max(3_600_000).optional(),
      tls: certificateFiles.optional(),
      acme: z
        .strictObject({
          domains: z.array(z.string().min(1)).min(1).max(100),
          directory: z.url({ protocol: /^https$/ }),
          email: z.string().min(1).optional(),
          externalAccount: z.strictObject({ keyId: z.string().min(1), key: z.string().min(1) }).optional(),
          http: listen,
        })
        .optional(),
      trustedProxies: z.array(z.string()).optional(),
      publicHost: z.string().min(1).optional(),
      httpIngest: z.boolean().optional(),
      ai: z
        .strictObject({
          retryTimeoutMs: z.number().int().min(0).optional(),
          jobTimeoutMs: z.number().int().positive().optional(),
          keysFile: z.string().min(1).optional(),
          live: liveAiGateway,
        })
        .optional(),
      webrtc: z
        .strictObject({
          addresses: z.array(z.string().min(1)).min(1).max(20).optional(),
          ports: z.tuple([udpPort, udpPort]).optional(),
          publicAddress: z.string().min(1).optional(),
          iceServers: z
            .array(
              z.strictObject({
                urls: z.string().regex(/^(stun|turns?):/),
                username: z.string().optional(),
                credential: z.string().optional(),
              }),
            )
            .max(10)
            .optional(),
          turn: z
            .strictObject({
              listen,
              secure: listen.optional(),
              besideHttps: z.number().int().min(1).max(65_535).optional(),
              certificate: certificateFiles.optional(),
              name: z.string().min(1).optional(),
            })
            .optional(),
          maxSessions: z.number().int().positive().optional(),
        })
        .optional(),
      maxPricesPerCapability: capabilityPrices.optional(),
      remoteSigner: webService.optional(),
    })
    .optional(),
  orchestrator: z
    .strictObject({
      serviceUri: z.string(),
      listen,
      pricePerPixel: rational,
      maxSessions: z.union([z.number().int().positive(), z.literal('auto')]),
      lptPerSession: decimal.refine((value) => value > 0n, 'must be above 0').optional(),
      workerSecret: z.string().optional(),
      address: address.optional(),
      callReward: z.boolean(),
      initializeRounds: z.boolean(),
      juror: z.boolean().optional(),
      initializeRoundMaxDelayMs: z.number().int().min(0).optional(),
      nodes: z.array(z.string().startsWith('https://')).max(100).optional(),
      distribution: z
        .strictObject({
          listen,
          viewerUrl: z.url().optional(),
          tls: z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
          pricePerByte: rational,
          currency: z.string().optional(),
          cacheBytes: z.number().int().positive().optional(),
        })
        .optional(),
      redeemerUri: z.string().optional(),
      autoAdjustPrice: z.boolean().optional(),
      currency: z.string().optional(),
      gatewayPrices: z
        .array(z.strictObject({ gateway: address, pricePerPixel: rational, currency: z.string().optional() }))
        .optional(),
      aiPrices: z
        .array(
          z.strictObject({
            capability: z.number().int().min(0).max(255),
            modelId: z.string().min(1),
            pricePerUnit: rational,
            currency: z.string().optional(),
            gateway: address.optional(),
          }),
        )
        .max(10_000)
        .optional(),
      liveAi: liveAiSelling,
      liveRunners: liveRunners.optional(),
    })
    .optional(),
  redeemer: z.strictObject({ listen, recipient: address.optional(), serves: z.string().optional() }).optional(),
  tester: z
    .strictObject({
      listen,
      region: z.string().min(1),
      intervalMs: z.number().int().positive(),
      clip: z.string().optional(),
      ladder: z.array(profile).min(1),
      orchestrators: z.array(z.string()).optional(),
      orchWebhookUrl: z.url().optional(),
      orchBlocklist: z.array(z.string()).optional(),
      orchMinLivepeerVersion: z.string().optional(),
      maxPricePerPixel: rational.optional(),
    })
    .optional(),
  signer: z
    .strictObject({
      listen,
      webhook: webService.optional(),
      allowNoAuth: z.boolean().optional(),
      discovery: z.strictObject({ refreshMs: z.number().int().positive() }).optional(),
      maxHourlyValueWei: decimal.optional(),
      orchestrators: z.array(z.string()).optional(),
      orchWebhookUrl: z.url().optional(),
      orchBlocklist: z.array(z.string()).optional(),
      maxPricePerPixel: rational.optional(),
      maxPriceCurrency: z.string().optional(),
      maxPricesPerCapability: capabilityPrices.optional(),
    })
    .optional(),
  worker: z
    .strictObject({
      workerId: z.string(),
      capacity: z.union([z.number().int().positive(), z.literal('auto')]),
      ladder: z.array(profile).min(1).optional(),
      engine: z.enum(['auto', 'node-av', 'ffmpeg']),
      preset: z.string().optional(),
      orchestrator: z.strictObject({ uri: z.string(), secret: z.string(), nodeId: z.string().optional() }).optional(),
    })
    .optional(),
  aiWorker: z
    .strictObject({
      workerId: z.string(),
      models: z
        .array(
          z.strictObject({
            pipeline: z.string().min(1),
            modelId: z.string().min(1),
            adapter: z.enum(ADAPTERS),
            url: z.url().optional(),
            token: z.string().optional(),
            warm: z.boolean(),
            capacity: z.number().int().positive().optional(),
            serverModel: z.string().optional(),
            voice: z.string().optional(),
            workflow: z.unknown().optional(),
          }),
        )
        .min(1)
        .max(1_000),
      folder: z.string().min(1).optional(),
      orchestrator: z.strictObject({ uri: z.string(), secret: z.string() }).optional(),
      runnerApi: z.strictObject({ listen, token: z.string().min(1).optional() }).optional(),
    })
    .optional(),
})

/** A node's configuration as JSON; amounts are decimal strings. */
export const encodeNodeConfig = (config: NodeConfig): string =>
  JSON.stringify(config, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)

/** Reads a configuration file; throws `bad_config` that names the field, or a disk error. */
export function decodeNodeConfig(path: string): NodeConfig {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw diskError(cause, path)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new MillraceError('bad_config', `${path} is not JSON: ${errorText(cause)}`, { cause })
  }
  const parsed = nodeConfig.safeParse(json)
  if (parsed.success) return parsed.data as unknown as NodeConfig
  const issue = parsed.error.issues[0]
  throw new MillraceError('bad_config', `${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
}
