import { MillraceError, type Part, systemClock } from '@millrace/base'
import { GatewayBalances, TicketSender } from '@millrace/payments'
import { capabilitiesOf, jobCapabilities, signOrchestratorRequest, type TellEvent, ZERO_ADDRESS } from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { type GatewayConfig, NODE_VERSION } from '../config/node-config.ts'
import { SegmentBuyer } from '../gateway/buyer.ts'
import { chainDirectory, listDirectory } from '../gateway/directory.ts'
import { Gateway } from '../gateway/gateway.ts'
import { OrchestratorBook } from '../gateway/orchestrator-book.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import { GatewaySettings } from './gateway-control.ts'
import type { Shared } from './shared.ts'

/** A gateway with its doors, its connections and a buyer for each stream. */
export function composeGateway(config: GatewayConfig, shared: Shared, parts: Part[]): Gateway {
  const { chain, log, hashing, commitments, domain, parameters } = shared
  // Where publishers are is told only to operators who want to know.
  const tell = shared.config.monitor?.clientIp ? shared.tell : withoutClientIp(shared.tell)
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
  const settings = new GatewaySettings(config, { book })
  shared.operator.gateway = settings
  const tickets =
    chain && new TicketSender({ parameters }, { signer: chain.signer, clock: chain.clock, reserves: chain.reserves })
  const http = new SecureClient()
  const balances = new GatewayBalances()
  const gateway = new Gateway(settings.applyTo(config), {
    hashing,
    clock: systemClock,
    tell,
    log,
    openBuyer: () =>
      new SegmentBuyer(
        {
          ladder: settings.ladder,
          maxAttempts: config.maxAttempts ?? 3,
          ...(config.weights === undefined ? {} : { weights: config.weights }),
          get maxPricePerPixel() {
            return settings.maxPrice
          },
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

const withoutClientIp =
  (tell: TellEvent): TellEvent =>
  (event) => {
    if (event.type !== 'stream_started') return tell(event)
    const { clientIp: _, ...rest } = event
    tell(rest)
  }
