import { MillraceError, type Part, systemClock } from '@millrace/base'
import { GatewayBalances, TicketSender } from '@millrace/payments'
import { capabilitiesOf, jobCapabilities, signOrchestratorRequest, ZERO_ADDRESS } from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import { type GatewayConfig, NODE_VERSION } from '../config/node-config.ts'
import { SegmentBuyer } from '../gateway/buyer.ts'
import { chainDirectory, listDirectory } from '../gateway/directory.ts'
import { Gateway } from '../gateway/gateway.ts'
import { OrchestratorBook } from '../gateway/orchestrator-book.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import type { Shared } from './shared.ts'

/** A gateway with its doors, its connections and a buyer for each stream. */
export function composeGateway(config: GatewayConfig, shared: Shared, parts: Part[]): Gateway {
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
          ...(config.weights === undefined ? {} : { weights: config.weights }),
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
