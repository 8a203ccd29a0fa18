import { join } from 'node:path'
import { Lifecycle, type Log, type MillraceError, type Part } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { nodeId as toNodeId } from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { type LeveledLog, logLevelControl } from './api/log-level.ts'
import type { ChainAccess } from './chain-access.ts'
import { composeOperator } from './compose/operator.ts'
import { CurrencyRates } from './compose/price-feed.ts'
import { openRemoteSigner } from './compose/remote-signer.ts'
import type { Shared } from './compose/shared.ts'
import { composeWorker } from './compose/worker.ts'
import type { NodeConfig } from './config/node-config.ts'
import { paymentParametersOf } from './config/payment-parameters.ts'
import type { EventHub } from './events/event-hub.ts'
import type { Gateway } from './gateway/gateway.ts'
import { CommitmentTable } from './store/commitments.ts'
import { importGoLivepeerTickets } from './store/go-livepeer-tickets.ts'
import { KeyValueTable } from './store/key-value.ts'
import { openNodeStore } from './store/node-store.ts'
import { TicketQueueTable } from './store/ticket-queue.ts'
import type { Tester } from './tester/tester.ts'

/** Roles are loaded by the node that has them: a worker never holds the code of chains, which is half of all code. */
const COMPOSE = {
  aiWorker: () => import('./compose/ai-worker.ts'),
  gateway: () => import('./compose/gateway.ts'),
  orchestrator: () => import('./compose/orchestrator.ts'),
  redeemer: () => import('./compose/redeemer.ts'),
  signer: () => import('./compose/signer.ts'),
  tester: () => import('./compose/tester.ts'),
}

/** What a node is given from outside. */
export type NodeDeps = {
  readonly hub: EventHub
  /** One whose level the operator may change has a `level`. */
  readonly log: Log & Partial<LeveledLog>
  /** Called when the node cannot go on, for example because its orchestrator refuses it for good. */
  readonly onFatal?: (error: MillraceError) => void
}

/** A node that runs until it is stopped. */
export type RunningNode = AsyncDisposable & {
  readonly config: NodeConfig
  readonly gateway: Gateway | undefined
  readonly tester: Pick<Tester, 'firstRound' | 'scores'> | undefined
  readonly operatorUrl: string
  /** Sessions that the node's worker takes at once; undefined without a worker. */
  readonly workerCapacity: number | undefined
  readonly chain: ChainAccess | undefined
  /** Winning tickets and receipts of this node, for figures and tests. */
  readonly tickets: TicketQueueTable
  stop(): Promise<void>
  /** Ends at once, as a crash would: sockets are cut, nothing is drained, nothing more is written. */
  kill(): Promise<void>
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
    // Before anything is opened: this account's money is at stake.
    if (config.signer) (await COMPOSE.signer()).checkExposure(config.signer, { log })
    const chain = await openChain(config, log)
    const signsElsewhere = config.gateway?.remoteSigner
    const remoteSigner = signsElsewhere && (await openRemoteSigner(signsElsewhere, { log }))
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
      remoteSigner,
      parameters: paymentParametersOf(config.network),
      rates: new CurrencyRates({ chain, config, log }),
      domain: chain && { chainId: BigInt(chain.client.chainId), ticketBroker: chain.client.addresses.ticketBroker },
      hashing: new Hashing(),
      operator: {},
      onFatal: deps.onFatal ?? (() => {}),
    }
    if (chain) {
      followReorganisations(chain, kv, ticketQueue, log)
      await takeOverTickets(config, chain, ticketQueue, log)
    }
    parts.push(shared.hashing, ...(chain?.parts ?? []), shared.rates)
    const worker = config.worker && (await composeWorker(config.worker, shared, parts))
    const aiWorker = config.aiWorker && (await COMPOSE.aiWorker()).composeAiWorker(config.aiWorker, shared, parts)
    if (config.orchestrator)
      await (await COMPOSE.orchestrator()).composeOrchestrator(config.orchestrator, { worker, aiWorker }, shared, parts)
    if (config.redeemer) (await COMPOSE.redeemer()).composeRedeemer(config.redeemer, shared, parts)
    if (config.signer) (await COMPOSE.signer()).composeSigner(config.signer, shared, parts)
    const tester = config.tester && (await COMPOSE.tester()).composeTester(config.tester, shared, parts)
    const gateway = config.gateway && (await (await COMPOSE.gateway()).composeGateway(config.gateway, shared, parts))
    const logLevel = isLeveled(deps.log) ? logLevelControl(deps.log) : undefined
    const { server: operator, health } = await composeOperator(shared, { logLevel, explain: gateway?.explain }, parts)
    await lifecycle.start(parts)
    health.started()
    announce(shared, worker)
    const tellStopped = () => {
      tell({ type: 'node_stopped' })
      if (worker) deps.hub.teller(worker.workerId)({ type: 'node_stopped' })
    }
    const stop = async () => {
      health.draining()
      await Promise.allSettled(parts.map((part) => part.drain?.()))
      await lifecycle.stop()
      tellStopped()
      db.close()
    }
    return {
      config,
      gateway,
      tester,
      operatorUrl: operator.url,
      workerCapacity: worker?.capacity,
      chain,
      tickets: ticketQueue,
      stop,
      kill: async () => {
        await Promise.allSettled(parts.map((part) => part.stop?.()))
        tellStopped()
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

const isLeveled = (log: Log & Partial<LeveledLog>): log is Log & LeveledLog => log.level !== undefined

async function openChain(config: NodeConfig, log: Log): Promise<ChainAccess | undefined> {
  const { gateway, orchestrator, redeemer, tester, signer } = config
  if (config.network.kind === 'offchain' || !(gateway || orchestrator || redeemer || tester || signer)) return undefined
  const keystore = config.keystore ?? { path: join(config.folder, 'keystore') }
  const claimant = config.redeemer?.recipient ?? config.orchestrator?.address
  const { openChainAccess } = await import('./chain-access.ts')
  return openChainAccess(
    config.network,
    { ...keystore, password: config.keystorePassword ?? '' },
    claimant === undefined ? {} : { claimant },
    { log },
  )
}

/** Only a queue that is redeemed here takes tickets over: an outbox has no place for what was won elsewhere. */
async function takeOverTickets(
  config: NodeConfig,
  chain: ChainAccess,
  store: TicketQueueTable,
  log: Log,
): Promise<void> {
  const { goLivepeerFolder: folder, orchestrator, redeemer } = config
  const redeemsHere = redeemer !== undefined || (orchestrator && orchestrator.redeemerUri === undefined)
  if (folder === undefined || !redeemsHere) return
  const recipient = redeemer?.recipient ?? orchestrator?.address ?? chain.address
  const { chainId } = chain.client
  await importGoLivepeerTickets({ folder, recipient, chainId }, { store, verifier: signatureVerifier, log })
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

/** Tells who is there, for the terminal and the page. */
function announce(
  { config, chain, remoteSigner, tell, hub }: Shared,
  worker: { engineText: string } | undefined,
): void {
  const { orchestrator, gateway } = config
  const account = remoteSigner?.identity.address ?? chain?.address
  const address = account && { address: account }
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
  if (config.redeemer) {
    const { serves } = config.redeemer
    tell({ type: 'node_started', roles: ['redeemer'], name: config.nodeId, ...address, ...(serves && { serves }) })
  }
  if (config.signer) tell({ type: 'node_started', roles: ['signer'], name: config.nodeId, ...address })
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
