import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { errorText, fromHex, Lifecycle, type Log, MillraceError, type Part, systemClock, toHex } from '@millrace/base'
import { type Database, Hashing } from '@millrace/base/node'
import { getServiceUri, setServiceUri } from '@millrace/chain'
import { type MediaEngine, openMediaEngine } from '@millrace/media'
import {
  arbitrumPaymentParameters,
  Balances,
  devnetPaymentParameters,
  GatewayBalances,
  type PaymentParameters,
  PricePolicy,
  TicketRecipient,
  TicketSender,
} from '@millrace/payments'
import {
  type CommitmentDomain,
  capabilitiesOf,
  jobCapabilities,
  priceFromRational,
  signOrchestratorRequest,
  type TellEvent,
  nodeId as toNodeId,
  ZERO_ADDRESS,
} from '@millrace/wire'
import { AuthTokens, hmacSha256, signatureVerifier } from '@millrace/wire/node'
import { OperatorServer } from './api/operator-server.ts'
import { type ChainAccess, openChainAccess } from './chain-access.ts'
import {
  type GatewayConfig,
  NODE_VERSION,
  type NodeConfig,
  type OrchestratorConfig,
  type RedeemerConfig,
  type WorkerConfig,
} from './config/node-config.ts'
import type { EventHub } from './events/event-hub.ts'
import { SegmentBuyer } from './gateway/buyer.ts'
import { chainDirectory, listDirectory } from './gateway/directory.ts'
import { Gateway } from './gateway/gateway.ts'
import { OrchestratorBook } from './gateway/orchestrator-book.ts'
import { RemoteRedeemer } from './links/grpc/redeemer-client.ts'
import { RedeemerServer } from './links/grpc/redeemer-server.ts'
import { RemoteWorker } from './links/grpc/remote-worker.ts'
import { WorkerRegistry } from './links/grpc/worker-registry.ts'
import { OrchestratorServer } from './links/http/orchestrator-server.ts'
import { SecureClient } from './links/http/secure-fetch.ts'
import type { RedeemerLink } from './links/ports.ts'
import { ChainDuties } from './orchestrator/chain-duties.ts'
import { Dispatcher } from './orchestrator/dispatch.ts'
import { Orchestrator } from './orchestrator/orchestrator.ts'
import { RenditionStore } from './orchestrator/rendition-store.ts'
import { SessionTable } from './orchestrator/session-table.ts'
import { Redeemer } from './redeemer/redeemer.ts'
import { CommitmentTable } from './store/commitments.ts'
import { KeyValueTable } from './store/key-value.ts'
import { openNodeStore } from './store/node-store.ts'
import { TicketNonceTable } from './store/nonces.ts'
import { TicketOutbox } from './store/ticket-outbox.ts'
import { TicketQueueTable } from './store/ticket-queue.ts'
import { Worker } from './worker/worker.ts'

/** What a node is given from outside. */
export type NodeDeps = {
  readonly hub: EventHub
  readonly log: Log
  /** Called when the node cannot go on, for example because its orchestrator refuses it for good. */
  readonly onFatal?: (error: MillraceError) => void
}

/** A node that runs until it is stopped. */
export type RunningNode = AsyncDisposable & {
  readonly config: NodeConfig
  readonly gateway: Gateway | undefined
  readonly operatorUrl: string
  readonly chain: ChainAccess | undefined
  /** Winning tickets and receipts of this node, for figures and tests. */
  readonly tickets: TicketQueueTable
  stop(): Promise<void>
  /** Ends at once, as a crash would: sockets are cut, nothing is drained, nothing more is written. */
  kill(): Promise<void>
}

/** What all roles of one node share. */
type Shared = {
  readonly config: NodeConfig
  readonly log: Log
  readonly tell: TellEvent
  readonly hub: EventHub
  readonly db: Database
  readonly kv: KeyValueTable
  readonly commitments: CommitmentTable
  readonly ticketQueue: TicketQueueTable
  readonly chain: ChainAccess | undefined
  readonly parameters: PaymentParameters
  readonly domain: CommitmentDomain | undefined
  readonly hashing: Hashing
  readonly onFatal: (error: MillraceError) => void
}

/**
 * Starts a node with the roles of its configuration; the one place where roles, links, store and chain meet.
 * Roles of one node are local objects to each other; everybody else is reached over the wire.
 */
export async function startNode(config: NodeConfig, deps: NodeDeps): Promise<RunningNode> {
  const log = deps.log.child({ node: config.nodeId })
  const tell = deps.hub.teller(config.nodeId)
  const db = openNodeStore(join(config.folder, 'store.sqlite'))
  const lifecycle = new Lifecycle({ log })
  const parts: Part[] = []
  try {
    const chain = await openChain(config, log)
    const ticketQueue = new TicketQueueTable(db)
    const kv = new KeyValueTable(db)
    const shared: Shared = {
      config,
      log,
      tell,
      hub: deps.hub,
      db,
      kv,
      commitments: new CommitmentTable(db),
      ticketQueue,
      chain,
      parameters: parametersOf(config),
      domain: chain && { chainId: BigInt(chain.client.chainId), ticketBroker: chain.client.addresses.ticketBroker },
      hashing: new Hashing(),
      onFatal: deps.onFatal ?? (() => {}),
    }
    if (chain) followReorganisations(chain, kv, ticketQueue, log)
    parts.push(shared.hashing, ...(chain?.parts ?? []))
    const worker = config.worker && (await composeWorker(config.worker, shared, parts))
    if (config.orchestrator) await composeOrchestrator(config.orchestrator, worker, shared, parts)
    if (config.redeemer) composeRedeemer(config.redeemer, shared, parts)
    const gateway = config.gateway && composeGateway(config.gateway, shared, parts)
    const operator = new OperatorServer({ ...config.operator, version: NODE_VERSION }, { hub: deps.hub })
    parts.push(operator)
    await lifecycle.start(parts)
    announce(shared, worker)
    const stop = async () => {
      await lifecycle.stop()
      tell({ type: 'node_stopped' })
      db.close()
    }
    return {
      config,
      gateway,
      operatorUrl: operator.url,
      chain,
      tickets: ticketQueue,
      stop,
      kill: async () => {
        await Promise.allSettled(parts.map((part) => part.stop?.()))
        tell({ type: 'node_stopped' })
        if (worker) deps.hub.teller(worker.workerId)({ type: 'node_stopped' })
        db.close()
      },
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await lifecycle.stop()
    db.close()
    throw error
  }
}

const parametersOf = ({ network }: NodeConfig): PaymentParameters =>
  network.kind === 'chain' && network.payments === 'devnet' ? devnetPaymentParameters : arbitrumPaymentParameters

async function openChain(config: NodeConfig, log: Log): Promise<ChainAccess | undefined> {
  if (config.network.kind === 'offchain' || (!config.gateway && !config.orchestrator && !config.redeemer))
    return undefined
  const folder = join(config.folder, 'keystore')
  const claimant = config.redeemer && { claimant: config.redeemer.recipient }
  return openChainAccess(config.network, { folder, password: config.keystorePassword ?? '' }, { ...claimant }, { log })
}

/** A chain that is behind what this node saw was set back: tickets that were settled above its head wait again. */
function followReorganisations(chain: ChainAccess, kv: KeyValueTable, tickets: TicketQueueTable, log: Log): void {
  chain.feed.onBlock(async ({ head, reset }) => {
    const seen = BigInt(kv.get('lastSeenBlock') ?? '0')
    if (reset && head.number < seen) {
      const count = await tickets.requeueAbove(head.number)
      log.warn('the chain went back', { from: seen, to: head.number, ticketsQueuedAgain: count })
    }
    kv.set('lastSeenBlock', head.number.toString())
  })
}

/** A secret that survives restarts, so that sessions and ticket parameters do. */
function keptSecret(kv: KeyValueTable, key: string): Uint8Array {
  const known = kv.get(key)
  if (known) return fromHex(known)
  const secret = new Uint8Array(randomBytes(32))
  kv.set(key, toHex(secret))
  return secret
}

async function composeWorker(
  config: WorkerConfig,
  shared: Shared,
  parts: Part[],
): Promise<Worker & { engineText: string }> {
  const { log, hub } = shared
  const { engine, why } = await openMediaEngine(
    { engine: config.engine, ...(config.preset === undefined ? {} : { preset: config.preset }) },
    { log },
  )
  log.info('media engine chosen', { engine: engine.info.name, version: engine.info.version, why })
  const tell = hub.teller(config.workerId)
  const worker = Object.assign(
    new Worker({ workerId: config.workerId, capacity: config.capacity }, { engine, log, tell }),
    {
      engineText: engineText(engine),
    },
  )
  parts.push({ name: 'media-engine', stop: () => engine.close() }, worker)
  if (config.orchestrator) {
    const { uri, secret } = config.orchestrator
    const options = { orchestratorUri: uri, secret, version: NODE_VERSION }
    parts.push(new RemoteWorker(options, { worker, log, onFatal: shared.onFatal }))
  }
  return worker
}

const engineText = ({ info }: MediaEngine): string => `${info.name} ${info.version}`

async function composeOrchestrator(
  config: OrchestratorConfig,
  worker: Worker | undefined,
  shared: Shared,
  parts: Part[],
): Promise<void> {
  const { chain, log, tell, kv, commitments, hashing, domain, parameters } = shared
  const balances = new Balances()
  const dispatcher = new Dispatcher({ log })
  if (worker && !shared.config.worker?.orchestrator) dispatcher.join(worker)
  const store = new RenditionStore()
  const sessions = new SessionTable(
    { capacity: config.maxSessions },
    {
      clock: systemClock,
      onEnd: (sessionId) => {
        store.removeFolder(`/stream/${encodeURIComponent(sessionId)}`)
        void dispatcher.endSession(sessionId)
      },
    },
  )
  let server: OrchestratorServer | undefined
  const serviceUri = () => withPort(config.serviceUri, server?.port)
  const recipient = chain && composePayments(config, chain, shared, parts)
  const prices = new PricePolicy(
    { basePrice: config.pricePerPixel, autoAdjust: false },
    { txCostMultiplier: async (sender) => recipient?.txCostMultiplier(sender) },
  )
  const orchestrator = new Orchestrator(
    { serviceUri, version: NODE_VERSION, domain, ticketEv: { num: parameters.ticketEvWei, den: 1n } },
    {
      signer: chain?.signer,
      verifier: signatureVerifier,
      tokens: new AuthTokens({ secret: keptSecret(kv, 'authTokenSecret') }),
      sessions,
      recipient,
      balances,
      priceFor: async (gateway) => priceFromRational(await prices.priceFor(gateway)),
      round: () => chain?.rounds.lastInitializedRound() ?? 0n,
      dispatcher,
      store,
      hashing,
      keepCommitment: (signed) => commitments.put(signed, Date.now()),
      tell,
      log,
    },
  )
  const workers =
    config.workerSecret === undefined
      ? undefined
      : new WorkerRegistry(
          { secret: config.workerSecret, serviceUri, orchestratorId: chain?.address ?? 'offchain' },
          { join: (link) => dispatcher.join(link), log },
        )
  server = new OrchestratorServer(
    { ...config.listen, certificateHost: new URL(config.serviceUri).hostname, folder: shared.config.folder },
    { service: orchestrator, workers, log },
  )
  const sweep = setInterval(() => sessions.sweep(), 10_000)
  sweep.unref()
  parts.push(orchestrator, { name: 'session-sweep', stop: async () => clearInterval(sweep) }, server)
  if (!chain) return
  parts.push({ name: 'service-uri', start: () => publishServiceUri(chain, serviceUri(), log) })
  parts.push(
    new ChainDuties(
      { callReward: config.callReward, initializeRounds: config.initializeRounds },
      {
        client: chain.client,
        sender: chain.txSender,
        feed: chain.feed,
        rounds: chain.rounds,
        tell,
        log,
        random: Math.random,
      },
    ),
  )
}

/** The money side of an orchestrator: it takes tickets, and gives those that win to its redeemer. */
function composePayments(
  config: OrchestratorConfig,
  chain: ChainAccess,
  shared: Shared,
  parts: Part[],
): TicketRecipient {
  const { parameters, ticketQueue, db, kv, log, tell } = shared
  const { address, clock, gasPrices, txSender } = chain
  const local = new Redeemer(
    { recipient: address, parameters },
    { chain, sender: txSender, store: ticketQueue, tell, log },
  )
  const remote =
    config.redeemerUri === undefined
      ? undefined
      : new RemoteRedeemer({ uri: config.redeemerUri }, { outbox: new TicketOutbox(db), log })
  const redeemer: RedeemerLink = remote ?? local
  const recipient = new TicketRecipient(
    { recipient: address, parameters, secret: keptSecret(kv, 'ticketSecret') },
    {
      clock,
      gasPrices,
      senders: {
        maxFloat: (sender, call) => redeemer.maxFloat(sender, call),
        validateSender: (sender, call) => local.senders.validateSender(sender, call),
      },
      verifier: signatureVerifier,
      nonces: new TicketNonceTable(db),
      hmacSha256,
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
      queueTicket: (ticket, call) => redeemer.queueTicket(ticket, call),
      isActive: () => local.active,
      log,
    },
  )
  clock.onL1Block(() => {
    recipient.purgeExpired().catch((error) => log.warn('old nonces could not be purged', { error: errorText(error) }))
  })
  parts.push(remote ?? local)
  return recipient
}

/** A redeemer in a process of its own: it has its own account for gas, and the payouts go to the recipient. */
function composeRedeemer(config: RedeemerConfig, shared: Shared, parts: Part[]): void {
  const { chain, parameters, ticketQueue, log, tell } = shared
  if (!chain) throw new MillraceError('no_chain', 'a redeemer needs a chain: it has nothing to do with --offchain')
  const redeemer = new Redeemer(
    { recipient: config.recipient, parameters },
    { chain, sender: chain.txSender, store: ticketQueue, tell, log },
  )
  parts.push(redeemer, new RedeemerServer({ ...config.listen, folder: shared.config.folder }, { redeemer, log }))
}

/** Tells the chain where this orchestrator is, when the chain says something else. */
async function publishServiceUri(chain: ChainAccess, serviceUri: string, log: Log): Promise<void> {
  const registered = await getServiceUri(chain.client, chain.address)
  if (registered === serviceUri) return
  log.info('publishing the service URI', { serviceUri, registered })
  await setServiceUri(chain.client, chain.txSender, serviceUri)
}

function composeGateway(config: GatewayConfig, shared: Shared, parts: Part[]): Gateway {
  const { chain, log, tell, hashing, commitments, domain, parameters } = shared
  const directory = config.orchestrators
    ? listDirectory(config.orchestrators)
    : chain
      ? chainDirectory({ orchestrators: chain.orchestrators })
      : undefined
  if (!directory)
    throw new MillraceError(
      'no_orchestrators',
      'a gateway without a chain needs --orch-addr, the addresses of orchestrators',
    )
  const capabilities = capabilitiesOf(jobCapabilities({ profiles: config.ladder, storage: 'direct' }).bits, {
    version: NODE_VERSION,
  })
  const { network } = shared.config
  const allowPrivate =
    config.orchestrators !== undefined || network.kind === 'offchain' || network.payments === 'devnet'
  const book = new OrchestratorBook(
    { allowPrivate },
    {
      directory,
      clock: systemClock,
      request: () =>
        chain
          ? signOrchestratorRequest(chain.signer, { capabilities })
          : { address: ZERO_ADDRESS, signature: new Uint8Array(0), capabilities, ignoreCapacityCheck: false },
    },
  )
  const tickets =
    chain && new TicketSender({ parameters }, { signer: chain.signer, clock: chain.clock, reserves: chain.reserves })
  const http = new SecureClient()
  const balances = new GatewayBalances()
  const gateway = new Gateway(config, {
    hashing,
    clock: systemClock,
    tell,
    log,
    openBuyer: () =>
      new SegmentBuyer(
        {
          ladder: config.ladder,
          maxAttempts: config.maxAttempts ?? 3,
          maxPricePerPixel: config.maxPricePerPixel,
          domain,
        },
        {
          book,
          signer: chain?.signer,
          tickets,
          balances,
          verifier: signatureVerifier,
          http,
          hashing,
          lastSeenBlock: () => chain?.rounds.lastSeenBlock() ?? 0n,
          keepCommitment: (signed) => commitments.put(signed, Date.now()),
          tell,
          clock: systemClock,
          log,
          random: Math.random,
        },
      ),
  })
  parts.push(
    {
      name: 'gateway-connections',
      stop: async () => {
        book.close()
        http.close()
      },
    },
    gateway,
  )
  return gateway
}

/** Tells who is there, for the terminal and the page. */
function announce({ config, chain, tell, hub }: Shared, worker: { engineText: string } | undefined): void {
  const { orchestrator, gateway } = config
  const address = chain && { address: chain.address }
  if (gateway) tell({ type: 'node_started', roles: ['gateway'], name: config.nodeId, ...address })
  if (orchestrator)
    tell({
      type: 'node_started',
      roles: orchestrator.redeemerUri === undefined ? ['orchestrator', 'redeemer'] : ['orchestrator'],
      name: config.nodeId,
      serviceUri: orchestrator.serviceUri,
      pricePerPixel: `${orchestrator.pricePerPixel.num}/${orchestrator.pricePerPixel.den}`,
      ...address,
    })
  if (config.redeemer) tell({ type: 'node_started', roles: ['redeemer'], name: config.nodeId, ...address })
  if (!config.worker || !worker) return
  const { workerId, orchestrator: remote } = config.worker
  hub.teller(workerId)({
    type: 'node_started',
    roles: ['worker'],
    name: workerId,
    serves: remote ? (remote.nodeId ?? toNodeId(remote.uri)) : config.nodeId,
    engine: worker.engineText,
  })
}

function withPort(uri: string, port: number | undefined): string {
  if (port === undefined) return uri
  const url = new URL(uri)
  if (url.port === '0') url.port = String(port)
  return url.origin
}
