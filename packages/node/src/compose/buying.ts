import { MillraceError, type Part, type Rational, systemClock } from '@millrace/base'
import { DEVNET_CHAIN_ID } from '@millrace/chain'
import { isS3Store, type ObjectStore, PictureJudge } from '@millrace/media'
import { GatewayBalances, TicketSender } from '@millrace/payments'
import {
  type Address,
  type Capabilities,
  capabilitiesOf,
  jobCapabilities,
  type ManifestId,
  NO_CONSTRAINTS,
  type OrchestratorRequest,
  signOrchestratorRequest,
  type VideoProfile,
  ZERO_ADDRESS,
} from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { type GatewayConfig, NODE_VERSION } from '../config/node-config.ts'
import { SegmentBuyer, type SignedLie } from '../gateway/buyer.ts'
import { chainDirectory, listDirectory, type OrchestratorDirectory } from '../gateway/directory.ts'
import { ChoiceLog } from '../gateway/explain.ts'
import { HedgeLedger } from '../gateway/hedge-ledger.ts'
import { OrchestratorBook } from '../gateway/orchestrator-book.ts'
import { KeyPayments, type PaymentSource } from '../gateway/payment-source.ts'
import { PerfScores } from '../gateway/perf-scores.ts'
import { PictureChecks } from '../gateway/picture-checks.ts'
import { ResultStore } from '../gateway/result-store.ts'
import { checkUpstreamSelection, UPSTREAM_SELECTION, type UpstreamSelection } from '../gateway/selection-upstream.ts'
import { SignerPayments } from '../gateway/signer-payments.ts'
import { signerDirectory, webhookDirectory } from '../gateway/webhook-directory.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import type { Shared } from './shared.ts'

/** What says where and how segments are bought; every field is one of a gateway. */
export type BuyingConfig = Omit<
  GatewayConfig,
  'rtmp' | 'http' | 'maxStreams' | 'source' | 'authWebhookUrl' | 'recordStore' | 'multistream'
>

export type BoughtStream = {
  readonly manifestId: ManifestId
  readonly ladder: readonly VideoProfile[]
  /** Instead of the configuration's. */
  readonly compareOneIn?: number | undefined
  readonly verificationFreq?: number | undefined
}

/** Everything that streams share when they buy: the orchestrators, the ledger, the connections. */
export type Buying = {
  readonly directory: OrchestratorDirectory
  readonly choices: ChoiceLog
  readonly book: OrchestratorBook
  /** A book over other orchestrators than those of the configuration. */
  openBook(directory: OrchestratorDirectory): OrchestratorBook
  openBuyer(
    stream: BoughtStream,
    options?: { readonly book?: OrchestratorBook; readonly maxAttempts?: number },
  ): SegmentBuyer
}

/** Decoding costs a gateway more than all else that it does to a segment; a cheat of one segment in ten is caught within a minute or so. */
const COMPARE_ONE_IN = 10

/** A network that broke off for a moment is back by then, and a live stream has a few seconds. */
const AGAIN_AFTER_MS = 500

/** The buying side of a gateway, or of a tester; its connections close with the parts. */
export function composeBuying(
  config: BuyingConfig,
  shared: Shared,
  parts: Part[],
  live: {
    readonly maxPrice: (job: Capabilities) => Rational | undefined
    /** Where orchestrators put results, when it is a bucket. */
    readonly objectStore?: ObjectStore | undefined
    /** Is told of what orchestrators signed and was other than asked for. */
    readonly lied?: ((lie: SignedLie) => void) | undefined
  } = {
    maxPrice: () => config.maxPricePerPixel,
  },
): Buying {
  const { chain, log, tell, hashing, commitments, remoteSigner } = shared
  const domain = remoteSigner ? remoteSigner.identity.domain : shared.domain
  const directory = directoryOf(config, shared)
  const allowPrivate = mayBePrivate(config, shared)
  const clock = systemClock
  const request = () => orchestratorRequest(capabilitiesFor(config, config.ladder), shared)
  const openBook = (entries: OrchestratorDirectory) =>
    new OrchestratorBook({ allowPrivate }, { directory: entries, clock, request })
  const book = openBook(directory)
  const perfScores =
    config.orchPerfStatsUrl === undefined
      ? undefined
      : new PerfScores({ url: config.orchPerfStatsUrl, region: config.region }, { clock, log })
  const http = new SecureClient()
  const choices = new ChoiceLog()
  const judge = new PictureJudge({}, { log })
  const upstream = upstreamOf(config)
  const blocklist = blocklistOf(config.orchBlocklist ?? [])
  const deps = {
    lied: live.lied,
    hedges: new HedgeLedger(),
    choices,
    perfScore: perfScores && ((orchestrator: Address, serviceUri: string) => perfScores.get(orchestrator, serviceUri)),
    payer: payerOf(shared),
    balances: new GatewayBalances(),
    verifier: signatureVerifier,
    http,
    results: live.objectStore && isS3Store(live.objectStore) ? new ResultStore(live.objectStore) : undefined,
    hashing,
    lastSeenBlock: () => chain?.rounds.lastSeenBlock() ?? 0n,
    keepCommitment: (signed: Parameters<typeof commitments.put>[0]) => commitments.put(signed, Date.now()),
    tell,
    clock,
    log,
    random: Math.random,
  }
  parts.push({
    name: 'gateway-connections',
    // The first scores are worth a moment: without them the first streams would be bought from anybody.
    start: async () => void (await perfScores?.refresh()),
    stop: async () => {
      book.close()
      http.close()
      await judge.close()
    },
  })
  return {
    directory,
    choices,
    book,
    openBook,
    openBuyer: ({ manifestId, ladder, verificationFreq, ...stream }, options = {}) => {
      const compareOneIn = stream.compareOneIn ?? config.compareOneIn ?? COMPARE_ONE_IN
      const { book: own = book } = options
      const capabilities = capabilitiesFor(config, ladder, verificationFreq)
      return new SegmentBuyer(
        {
          manifestId,
          ladder,
          domain,
          maxAttempts: options.maxAttempts ?? config.maxAttempts ?? 3,
          againAfterMs: AGAIN_AFTER_MS,
          verificationFreq,
          weights: config.weights,
          upstream,
          // Read anew for each choice, since an operator may change it.
          get maxPricePerPixel() {
            return live.maxPrice(capabilities)
          },
          ignoreMaxPriceIfNeeded: config.ignoreMaxPriceIfNeeded,
          minPerfScore: perfScores && config.minPerfScore,
          extraNodes: config.extraNodes,
          discoveryTimeoutMs: config.discoveryTimeoutMs,
          requirements: { capabilities, blocklist },
        },
        {
          ...deps,
          book: own,
          judge,
          pictures: new PictureChecks(
            { oneIn: compareOneIn, preset: config.verifyPreset },
            { judge, book: own, tell, log, random: deps.random },
          ),
        },
      )
    },
  }
}

/** What an orchestrator must be able to do for a ladder, and the lowest version it may have. */
const capabilitiesFor = (config: BuyingConfig, ladder: readonly VideoProfile[], verificationFreq = 0): Capabilities =>
  capabilitiesOf(jobCapabilities({ profiles: ladder, storage: 'direct', verificationFreq }).bits, {
    version: NODE_VERSION,
    constraints: { ...NO_CONSTRAINTS, minVersion: config.orchMinLivepeerVersion ?? '' },
  })

/** The account that pays: the node's own, or that of a signer elsewhere. Undefined off chain. */
export function payerOf({ chain, parameters, remoteSigner }: Shared): PaymentSource | undefined {
  if (remoteSigner) return new SignerPayments(remoteSigner)
  if (!chain) return undefined
  const { signer, clock, reserves } = chain
  return new KeyPayments({ signer, tickets: new TicketSender({ parameters }, { signer, clock, reserves }) })
}

/** Orchestrators whom a stranger names, on a chain that anybody writes to, must not be on this machine or its network. */
export function mayBePrivate(
  config: Pick<BuyingConfig, 'orchestrators' | 'orchWebhookUrl'>,
  { config: { network }, remoteSigner }: Shared,
): boolean {
  if (config.orchestrators !== undefined || config.orchWebhookUrl !== undefined) return true
  if (remoteSigner) return remoteSigner.identity.domain?.chainId === BigInt(DEVNET_CHAIN_ID)
  return network.kind === 'offchain' || network.payments === 'devnet'
}

/** A request for an orchestrator's terms; without capabilities it is answered with everything that it offers. */
export const orchestratorRequest = (
  capabilities: Capabilities | undefined,
  { chain, remoteSigner }: Pick<Shared, 'chain' | 'remoteSigner'>,
): OrchestratorRequest => {
  const wanted = capabilities && { capabilities }
  if (remoteSigner) {
    const { address, signature } = remoteSigner.identity
    return { address, signature, ...wanted, ignoreCapacityCheck: false }
  }
  return chain
    ? signOrchestratorRequest(chain.signer, wanted)
    : { address: ZERO_ADDRESS, signature: new Uint8Array(0), ...wanted, ignoreCapacityCheck: false }
}

/** Where orchestrators are found: the webhook goes before the list, and both before a remote signer and the chain (wire spec 2.4). */
export function directoryOf(
  config: Pick<BuyingConfig, 'orchestrators' | 'orchWebhookUrl'>,
  { chain, log, remoteSigner }: Shared,
): OrchestratorDirectory {
  if (config.orchWebhookUrl !== undefined)
    return webhookDirectory({ url: config.orchWebhookUrl }, { clock: systemClock, log })
  if (config.orchestrators) return listDirectory(config.orchestrators)
  if (remoteSigner) return signerDirectory(remoteSigner.link, { clock: systemClock, log })
  if (chain) return chainDirectory({ orchestrators: chain.orchestrators })
  throw new MillraceError(
    'no_orchestrators',
    'a gateway without a chain needs --orch-addr, the addresses of orchestrators, or -orchWebhookUrl',
  )
}

/** go-livepeer's way of choosing, when any of its flags is set; throws `bad_config` when its weights do not sum to 1. */
function upstreamOf(config: BuyingConfig): UpstreamSelection | undefined {
  const { selectStakeWeight, selectRandFreq, selectPriceWeight, selectPriceExpFactor } = config
  if ([selectStakeWeight, selectRandFreq, selectPriceWeight, selectPriceExpFactor].every((flag) => flag === undefined))
    return undefined
  return checkUpstreamSelection({
    stakeWeight: selectStakeWeight ?? UPSTREAM_SELECTION.stakeWeight,
    randFreq: selectRandFreq ?? UPSTREAM_SELECTION.randFreq,
    priceWeight: selectPriceWeight ?? UPSTREAM_SELECTION.priceWeight,
    priceExpFactor: selectPriceExpFactor ?? UPSTREAM_SELECTION.priceExpFactor,
  })
}

/** Addresses with or without 0x, in any case; throws `bad_config` for anything else. */
export function blocklistOf(addresses: readonly string[]): ReadonlySet<string> {
  return new Set(
    addresses.map((text) => {
      const hex = text.trim().toLowerCase().replace(/^0x/, '')
      if (!/^[0-9a-f]{40}$/.test(hex))
        throw new MillraceError('bad_config', `-orchBlocklist has ${JSON.stringify(text)}, expected addresses 0x…`)
      return `0x${hex}`
    }),
  )
}
