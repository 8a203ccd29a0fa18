import { randomBytes } from 'node:crypto'
import { errorText, fromHex, type Log, type Part, systemClock, toHex } from '@millrace/base'
import { getServiceUri, setServiceUri } from '@millrace/chain'
import { Balances, type PaymentParameters, PricePolicy, TicketRecipient } from '@millrace/payments'
import { type Address, priceFromRational } from '@millrace/wire'
import { AuthTokens, hmacSha256, signatureVerifier } from '@millrace/wire/node'
import type { ChainAccess } from '../chain-access.ts'
import { type NetworkConfig, NODE_VERSION, type OrchestratorConfig } from '../config/node-config.ts'
import type { AiWorkerLink } from '../links/ai-links.ts'
import { AiWorkerRegistry } from '../links/grpc/ai-worker-registry.ts'
import { RemoteRedeemer } from '../links/grpc/redeemer-client.ts'
import { WorkerRegistry } from '../links/grpc/worker-registry.ts'
import { OrchestratorServer } from '../links/http/orchestrator-server.ts'
import { TrickleMount } from '../links/http/trickle-mount.ts'
import type { RedeemerLink, WorkerLink } from '../links/ports.ts'
import { AiSales } from '../orchestrator/ai/ai-sales.ts'
import { LivePayments } from '../orchestrator/ai/live-payments.ts'
import { ChainDuties } from '../orchestrator/chain-duties.ts'
import { Dispatcher } from '../orchestrator/dispatch.ts'
import { Orchestrator } from '../orchestrator/orchestrator.ts'
import { RenditionStore } from '../orchestrator/rendition-store.ts'
import { SessionTable } from '../orchestrator/session-table.ts'
import { StakeLimit } from '../orchestrator/stake-limit.ts'
import { Terms } from '../orchestrator/terms.ts'
import { WorkerLedger } from '../orchestrator/worker-ledger.ts'
import { Redeemer } from '../redeemer/redeemer.ts'
import type { KeyValueTable } from '../store/key-value.ts'
import { TicketNonceTable } from '../store/nonces.ts'
import { TicketOutbox } from '../store/ticket-outbox.ts'
import { composeAiSelling } from './ai-selling.ts'
import { composeByocSelling } from './byoc.ts'
import { composeJuror } from './disputes.ts'
import { composeEdge } from './edge.ts'
import { composeLiveAiSelling } from './live-ai-selling.ts'
import { composeLiveRunnerSelling } from './live-runners.ts'
import { OrchestratorSettings } from './orchestrator-control.ts'
import type { Shared } from './shared.ts'

/** An orchestrator with its port, its sessions, its payments and its duties on the chain. The workers are those of the same node. */
export async function composeOrchestrator(
  config: OrchestratorConfig,
  { worker, aiWorker }: { readonly worker: WorkerLink | undefined; readonly aiWorker: AiWorkerLink | undefined },
  shared: Shared,
  parts: Part[],
): Promise<void> {
  const { chain, log, tell, kv, commitments, hashing, domain, parameters } = shared
  const balances = new Balances()
  const ledger = new WorkerLedger({ kept: kv, log })
  parts.push(ledger)
  const dispatcher = new Dispatcher({ log, ledger })
  if (worker && !shared.config.worker?.orchestrator) dispatcher.join(worker)
  const store = new RenditionStore()
  const sessions = new SessionTable(
    { capacity: 0 },
    {
      clock: systemClock,
      onEnd: (sessionId) => {
        store.removeFolder(`/stream/${encodeURIComponent(sessionId)}`)
        void dispatcher.endSession(sessionId)
      },
    },
  )
  const stakeLimit = composeStakeLimit(config, shared, parts)
  const settings = new OrchestratorSettings(
    config,
    { parameters },
    { sessions, dispatcher, rates: shared.rates, ledger, stakeLimit, tell },
  )
  shared.operator.orchestrator = settings
  settings.setMaxSessions(config.maxSessions)
  let server: OrchestratorServer | undefined
  const serviceUri = () => withPort(settings.serviceUri, server?.port)
  const recipient = chain && composePayments(config, settings.applyTo(parameters), chain, shared, parts)
  const prices = new PricePolicy(
    {
      basePrice: settings.basePrice,
      autoAdjust: config.autoAdjustPrice ?? false,
      perGateway: settings.gatewayPrices,
    },
    { txCostMultiplier: async (sender) => recipient?.txCostMultiplier(sender) },
  )
  settings.attach(prices)
  const trickle = new TrickleMount({ serviceUri }, { log })
  const byoc = composeByocSelling(config, shared, parts, { recipient, balances, serviceUri, trickle })
  const ai = composeAiSelling(config, aiWorker, shared, byoc.prices)
  const termsOptions = { serviceUri, version: NODE_VERSION, nodes: config.nodes ?? [] }
  const selling = {
    signer: chain?.signer,
    verifier: signatureVerifier,
    tokens: new AuthTokens({ secret: keptSecret(kv, 'authTokenSecret') }),
    sessions,
    recipient,
    balances,
    priceFor: async (gateway: Address) => priceFromRational(await prices.priceFor(gateway)),
    dispatcher,
    ai: ai.terms,
  }
  const allowPrivate = isOwnNetwork(shared.config.network)
  const edge = composeEdge(config, shared, parts, { ...selling, terms: new Terms(termsOptions, selling), allowPrivate })
  const orchestrator = new Orchestrator(
    { ...termsOptions, domain, ticketEv: { num: parameters.ticketEvWei, den: 1n }, allowPrivate },
    {
      ...selling,
      distribution: edge && (() => edge.offer),
      round: () => chain?.rounds.lastInitializedRound() ?? 0n,
      store,
      hashing,
      keepCommitment: (signed) => commitments.put(signed, Date.now()),
      tell,
      log,
    },
  )
  const aiSales = new AiSales(
    { serviceUri, ticketEv: { num: parameters.ticketEvWei, den: 1n } },
    { admission: orchestrator.admission, ...ai, recipient, balances, store, tell, log },
  )
  const payments = new LivePayments({
    ...{ admission: orchestrator.admission, terms: new Terms(termsOptions, selling), tokens: selling.tokens },
    ...{ recipient, balances, serviceUri, tell, log },
  })
  const workers =
    config.workerSecret === undefined
      ? undefined
      : new WorkerRegistry(
          { secret: config.workerSecret, serviceUri, orchestratorId: chain?.address ?? 'offchain' },
          { join: (link) => dispatcher.join(link), log },
        )
  const aiWorkers =
    config.workerSecret === undefined
      ? undefined
      : new AiWorkerRegistry(
          { secret: config.workerSecret, serviceUri },
          { join: (link) => ai.dispatcher.join(link), log },
        )
  const liveParts: Part[] = []
  const live = composeLiveAiSelling(
    config,
    { serviceUri, port: () => server?.port },
    { admission: orchestrator.admission, ...ai, recipient, balances, trickle },
    shared,
    liveParts,
  )
  const runners =
    config.liveRunners &&
    composeLiveRunnerSelling({ ...config.liveAi, ...config.liveRunners }, shared, parts, {
      ...{ secret: config.workerSecret, serviceUri, trickle, payments, recipient, balances, tokens: selling.tokens },
      ...{ admission: orchestrator.admission, terms: new Terms(termsOptions, selling) },
    })
  const doors = [...(runners ? [runners.door] : []), trickle.door, live, ...byoc.doors]
  const evidence = config.juror ? await composeJuror(shared, parts) : undefined
  server = new OrchestratorServer(
    { ...config.listen, certificateHost: new URL(config.serviceUri).hostname, folder: shared.config.folder },
    {
      service: orchestrator,
      workers,
      evidence,
      edge,
      ai: aiSales,
      aiWorkers,
      payments,
      doors,
      onUpgrade: runners?.upgrade,
      log,
    },
  )
  const sweep = setInterval(() => sessions.sweep(), 10_000)
  sweep.unref()
  parts.push(
    orchestrator,
    { name: 'session-sweep', stop: async () => clearInterval(sweep) },
    server,
    trickle,
    ...liveParts,
  )
  if (!chain) return
  const announce = { orchestrator: bondedAddress(config, chain), log }
  parts.push({ name: 'service-uri', start: () => publishServiceUri(chain, serviceUri(), announce) })
  parts.push(
    new ChainDuties(
      {
        orchestrator: bondedAddress(config, chain),
        callReward: config.callReward,
        initializeRounds: config.initializeRounds,
        initializeRoundMaxDelayMs: config.initializeRoundMaxDelayMs,
      },
      {
        client: chain.client,
        sender: chain.txSender,
        feed: chain.feed,
        rounds: chain.rounds,
        tell,
        log,
        clock: systemClock,
        random: Math.random,
      },
    ),
  )
}

/** On a network that anybody joins, a gateway is a stranger. */
const isOwnNetwork = (network: NetworkConfig): boolean => network.kind === 'offchain' || network.payments === 'devnet'

function composeStakeLimit(config: OrchestratorConfig, shared: Shared, parts: Part[]): StakeLimit | undefined {
  const { chain, log } = shared
  if (!chain || config.lptPerSession === undefined) return undefined
  const { client, feed, rounds } = chain
  const limit = new StakeLimit(
    { orchestrator: bondedAddress(config, chain), lptPerSession: config.lptPerSession },
    { client, feed, rounds, log },
  )
  parts.push(limit)
  return limit
}

/** The money side of an orchestrator: it takes tickets, and gives those that win to its redeemer. */
function composePayments(
  config: OrchestratorConfig,
  parameters: PaymentParameters,
  chain: ChainAccess,
  shared: Shared,
  parts: Part[],
): TicketRecipient {
  const { ticketQueue, db, kv, log, tell } = shared
  const { clock, gasPrices, txSender } = chain
  const address = bondedAddress(config, chain)
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
      told: (sender, { faceValueWei, maxFloatWei }) =>
        tell({
          type: 'ticket_params_told',
          sender,
          faceValueWei: faceValueWei.toString(),
          maxFloatWei: maxFloatWei.toString(),
        }),
      log,
    },
  )
  clock.onL1Block(() => {
    recipient.purgeExpired().catch((error) => log.warn('old nonces could not be purged', { error: errorText(error) }))
  })
  parts.push(remote ?? local)
  return recipient
}

/** A secret that survives restarts, so that sessions and ticket parameters do. */
function keptSecret(kv: KeyValueTable, key: string): Uint8Array {
  const known = kv.get(key)
  if (known) return fromHex(known)
  const secret = new Uint8Array(randomBytes(32))
  kv.set(key, toHex(secret))
  return secret
}

const bondedAddress = (config: OrchestratorConfig, chain: ChainAccess): Address => config.address ?? chain.address

/** Tells the chain where this orchestrator is, when the chain says something else. Only the bonded account itself can. */
async function publishServiceUri(
  chain: ChainAccess,
  serviceUri: string,
  { orchestrator, log }: { readonly orchestrator: Address; readonly log: Log },
): Promise<void> {
  const registered = await getServiceUri(chain.client, orchestrator)
  if (registered === serviceUri) return
  if (orchestrator !== chain.address)
    return log.warn('gateways are told another service URI by the chain; the bonded account must change it', {
      serviceUri,
      registered,
    })
  log.info('publishing the service URI', { serviceUri, registered })
  await setServiceUri(chain.client, chain.txSender, serviceUri)
}

function withPort(uri: string, port: number | undefined): string {
  if (port === undefined) return uri
  const url = new URL(uri)
  if (url.port === '0') url.port = String(port)
  return url.origin
}
