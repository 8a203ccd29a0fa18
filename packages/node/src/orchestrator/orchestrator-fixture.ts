import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LIVE_CAPABILITY } from '@millrace/ai'
import { ManualClock, type Rational, silentLog, toHex } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import {
  Balances,
  DEVNET_PRICE_PER_PIXEL,
  devnetPaymentParameters,
  MemoryNonceTable,
  type RoundClock,
  SenderMonitor,
  type SenderReserves,
  TicketRecipient,
  TicketSender,
  type WinningTicket,
} from '@millrace/payments'
import {
  type Address,
  type CommitmentDomain,
  type NodeEventBody,
  nodeId,
  type Payment,
  priceFromRational,
  type SignedSegmentCommitment,
} from '@millrace/wire'
import { AuthTokens, createKeySigner, hmacSha256, signatureVerifier } from '@millrace/wire/node'
import { AiWorkerRegistry } from '../links/grpc/ai-worker-registry.ts'
import { liveAiDoor } from '../links/http/live-ai-door.ts'
import { OrchestratorServer } from '../links/http/orchestrator-server.ts'
import { TrickleMount } from '../links/http/trickle-mount.ts'
import { ViewerDoor } from '../links/http/viewer-door.ts'
import type { TranscodeJob, WorkerLink } from '../links/ports.ts'
import { AiDispatcher } from './ai/ai-dispatch.ts'
import { type AiPrice, AiTerms, ANY_MODEL } from './ai/ai-terms.ts'
import { LivePayments, type LivePaymentsDeps } from './ai/live-payments.ts'
import { Dispatcher } from './dispatch.ts'
import { Edge } from './edge.ts'
import { EdgeCache } from './edge-cache.ts'
import { LiveSales } from './live-ai/live-sales.ts'
import { Orchestrator } from './orchestrator.ts'
import { RenditionStore } from './rendition-store.ts'
import { SessionTable } from './session-table.ts'
import { Terms } from './terms.ts'

const ROUND_HASH = toHex(new Uint8Array(32).fill(7))

/** An orchestrator behind its real TLS port, with real payments on a chain that stands still in memory, for tests. */
export async function openOrchestrator(
  options: {
    /** Whom tickets pay, where it is not the key that signs. */
    readonly bondedAddress?: Address
    readonly maxSessions?: number
    /** Further instances that it names. */
    readonly nodes?: readonly string[]
    readonly freePrice?: boolean
    /** The longest that a live segment may take to arrive. */
    readonly liveLimitMs?: number
    readonly pricePerPixel?: Rational
    /** The port that it tells others, when something stands in front of it. */
    readonly publicPort?: () => number
    /** True to let gateways name addresses of this machine. */
    readonly allowPrivate?: boolean
    /** With a price, in wei, it serves viewers. */
    readonly pricePerByte?: Rational
    /** Streams whose viewers it serves at once. */
    readonly maxEdgeSessions?: number
    /** True where the gateways whose files it serves must be on the public internet. */
    readonly publicOnly?: boolean
    /** True where it serves viewers as without a chain: nothing is signed and nothing is paid. */
    readonly unpaidEdge?: boolean
    /** With this it sells live AI, at a price in wei a unit. */
    readonly liveAi?: {
      readonly price: Rational
      readonly intervalMs?: number
      readonly hostForRunner?: string
      /** With a secret, remote AI workers may join. */
      readonly secret?: string
    }
    /** Further doors, made from parts that the orchestrator lends them. */
    readonly doors?: (lent: LentParts) => Pick<ServerDeps, 'doors' | 'onUpgrade'>
  } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-orchestrator-'))
  const chain = { block: 100n, round: 5n }
  const clock: RoundClock = {
    lastInitializedRound: () => chain.round,
    blockHashForRound: () => ROUND_HASH,
    lastSeenL1Block: () => chain.block,
    transcoderPoolSize: () => 2n,
    onL1Block: () => () => {},
  }
  const funds = {
    deposit: 10n ** 18n,
    withdrawRound: 0n,
    reserve: { fundsRemaining: 10n ** 18n, claimedInCurrentRound: 0n },
  }
  const reserves: SenderReserves = { senderInfo: async () => funds, claimedReserve: async () => 0n }
  const signer = createKeySigner(new Uint8Array(randomBytes(32)))
  const gatewaySigner = createKeySigner(new Uint8Array(randomBytes(32)))
  const events: NodeEventBody[] = []
  const jobs: TranscodeJob[] = []
  const won: WinningTicket[] = []
  const commitments: SignedSegmentCommitment[] = []
  const worker: WorkerLink = {
    workerId: nodeId('worker'),
    capacity: 100,
    transcode: async (job) => {
      jobs.push(job)
      return {
        decodedPixels: 1n,
        renditions: job.profiles.map(({ width, height, name }) => ({
          data: new Uint8Array(Buffer.from(`rendition ${name} of segment ${job.seq}, padded to be long enough`)),
          pixels: BigInt(width * height * 60),
        })),
      }
    },
    // A part of each rendition for each piece of the source, of a picture each.
    transcodeLive: async (job, { signal, part }) => {
      const bytes = job.profiles.map((): Uint8Array[] => [])
      let pieces = 0
      for await (const piece of job.chunks) {
        signal?.throwIfAborted()
        for (const [rendition, { width, height }] of job.profiles.entries()) {
          const init = pieces === 0 ? new Uint8Array(Buffer.from('an initialisation segment')) : undefined
          const pixels = BigInt(width * height)
          bytes[rendition]!.push(...(init ? [init] : []), piece)
          part({ rendition, independent: true, frames: 1, pts: pieces, duration: 3_000, pixels, bytes: piece, init })
        }
        pieces++
      }
      const renditions = job.profiles.map(({ width, height }, i) => ({
        data: new Uint8Array(Buffer.concat(bytes[i]!)),
        pixels: BigInt(width * height * pieces),
      }))
      return { decodedPixels: 1n, renditions }
    },
    endSession: async () => {},
  }
  const dispatcher = new Dispatcher({ log: silentLog })
  dispatcher.join(worker)
  const store = new RenditionStore()
  const hashing = new Hashing()
  const balances = new Balances()
  const parameters = devnetPaymentParameters
  const recipient = new TicketRecipient(
    { recipient: options.bondedAddress ?? signer.address, parameters, secret: new Uint8Array(randomBytes(32)) },
    {
      clock,
      gasPrices: { gasPrice: () => 1n },
      senders: new SenderMonitor({ claimant: signer.address }, { reserves, clock }),
      verifier: signatureVerifier,
      nonces: new MemoryNonceTable(),
      hmacSha256,
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
      queueTicket: async (ticket) => void won.push(ticket),
      log: silentLog,
    },
  )
  const domain: CommitmentDomain = { chainId: 31337n, ticketBroker: '0x00000000000000000000000000000000000000bb' }
  let server: OrchestratorServer
  const serviceUri = () => `https://127.0.0.1:${options.publicPort?.() ?? server.port}`
  const price = {
    perPixel: options.freePrice ? { num: 0n, den: 1n } : (options.pricePerPixel ?? DEVNET_PRICE_PER_PIXEL),
  }
  const termsOptions = { serviceUri, version: '0.9.1-test', nodes: options.nodes ?? [] }
  const aiDispatcher = new AiDispatcher({ log: silentLog })
  const aiPrices: AiPrice[] = options.liveAi
    ? [{ capability: LIVE_CAPABILITY, modelId: ANY_MODEL, pricePerUnit: options.liveAi.price }]
    : []
  const ai = options.liveAi && new AiTerms({ dispatcher: aiDispatcher, prices: () => aiPrices })
  const selling = {
    ai,
    signer,
    verifier: signatureVerifier,
    tokens: new AuthTokens(),
    sessions: new SessionTable({ capacity: options.maxSessions ?? 10 }, { clock: new ManualClock(), onEnd: () => {} }),
    recipient,
    balances,
    priceFor: async () => priceFromRational(price.perPixel),
    dispatcher,
  }
  const { pricePerByte } = options
  const cache = new EdgeCache({ maxBytes: 64 << 20, allowPrivate: !options.publicOnly })
  const edge: Edge | undefined =
    pricePerByte &&
    new Edge(
      {
        viewerUrl: () => `http://127.0.0.1:${door?.port}`,
        pricePerByte: () => pricePerByte,
        ...(options.maxEdgeSessions && { maxSessions: options.maxEdgeSessions }),
      },
      {
        ...selling,
        ...(options.unpaidEdge && { signer: undefined, recipient: undefined }),
        cache,
        hashing,
        terms: new Terms(termsOptions, { ...selling, ...(options.unpaidEdge && { recipient: undefined }) }),
        tell: (event) => events.push(event),
        log: silentLog,
      },
    )
  const door: ViewerDoor | undefined = edge && new ViewerDoor({ host: '127.0.0.1', port: 0 }, { edge, log: silentLog })
  const orchestrator = new Orchestrator(
    {
      ...termsOptions,
      domain,
      ticketEv: { num: parameters.ticketEvWei, den: 1n },
      liveLimitMs: options.liveLimitMs,
      allowPrivate: options.allowPrivate ?? false,
    },
    {
      ...selling,
      distribution: edge && (() => edge.offer),
      round: () => chain.round,
      store,
      hashing,
      keepCommitment: (signed) => commitments.push(signed),
      tell: (event) => events.push(event),
      log: silentLog,
    },
  )
  const trickle = new TrickleMount({ serviceUri }, { log: silentLog })
  const live =
    ai &&
    new LiveSales(
      {
        ...{ serviceUri, localUri: serviceUri, ticketEv: { num: parameters.ticketEvWei, den: 1n } },
        ...{ intervalMs: options.liveAi?.intervalMs ?? 200, hostForRunner: options.liveAi?.hostForRunner },
      },
      {
        ...{ admission: orchestrator.admission, dispatcher: aiDispatcher, terms: ai, recipient, balances, trickle },
        ...{ tell: (event) => events.push(event), log: silentLog },
      },
    )
  const secret = options.liveAi?.secret
  const aiWorkers =
    secret === undefined
      ? undefined
      : new AiWorkerRegistry({ secret, serviceUri }, { join: (link) => aiDispatcher.join(link), log: silentLog })
  const lent = {
    ...{ admission: orchestrator.admission, terms: new Terms(termsOptions, selling), tokens: selling.tokens },
    ...{ recipient, balances, serviceUri, tell: (event: NodeEventBody) => void events.push(event), log: silentLog },
  }
  const payments = new LivePayments(lent)
  server = new OrchestratorServer(
    { host: '127.0.0.1', port: 0, certificateHost: '127.0.0.1', folder },
    {
      ...{ service: orchestrator, edge, log: silentLog, aiWorkers },
      ...(live && { doors: [trickle.door, liveAiDoor({ service: live, log: silentLog })] }),
      ...options.doors?.({ ...lent, payments }),
      payments,
    },
  )
  await server.start()
  await edge?.start()
  await door?.start()
  return {
    serviceUri,
    port: () => server.port,
    orchestrator,
    edge,
    /** Its AI workers, channels and live streams. */
    aiDispatcher,
    trickle,
    live,
    /** What it holds for viewers. */
    cache,
    signer,
    gatewaySigner,
    domain,
    price,
    chain,
    clock,
    events,
    jobs,
    won,
    commitments,
    balances,
    hashing,
    worker,
    receive: (payment: Payment) => recipient.receivePayment(payment),
    tickets: new TicketSender({ parameters }, { signer: gatewaySigner, clock, reserves }),
    [Symbol.asyncDispose]: async () => {
      await edge?.stop()
      await door?.stop()
      await live?.stop()
      await trickle.stop()
      await server.stop()
      await hashing.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type ServerDeps = ConstructorParameters<typeof OrchestratorServer>[1]
/** What an orchestrator's own parts lend to its further doors. */
export type LentParts = LivePaymentsDeps & {
  readonly payments: LivePayments
  readonly recipient: TicketRecipient | undefined
}

export type TestOrchestrator = Awaited<ReturnType<typeof openOrchestrator>>
