import { type Log, MillraceError, type Part, systemClock } from '@millrace/base'
import { TicketSender } from '@millrace/payments'
import { type Address, signOrchestratorRequest } from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import type { ChainAccess } from '../chain-access.ts'
import type { SignerConfig } from '../config/node-config.ts'
import type { DirectoryEntry } from '../gateway/directory.ts'
import { OrchestratorBook } from '../gateway/orchestrator-book.ts'
import { SignerServer } from '../links/http/signer-server.ts'
import { SignerDiscovery } from '../signer/discovery.ts'
import { PaymentAuth } from '../signer/payment-auth.ts'
import { Signer } from '../signer/signer.ts'
import { SpendingLimit } from '../signer/spending-limit.ts'
import { blocklistOf, directoryOf, mayBePrivate } from './buying.ts'
import { NamedCeilings } from './named-ceilings.ts'
import type { Shared } from './shared.ts'

/** A signer in a process of its own: it has the key, the deposit is its account's, and gateways reach it over HTTP. */
export function composeSigner(config: SignerConfig, shared: Shared, parts: Part[]): void {
  const { chain, parameters, log, domain } = shared
  if (!chain) throw new MillraceError('no_chain', 'a signer needs a chain: it has nothing to do with --offchain')
  const { signer: account, clock, reserves } = chain
  const ceilings = new NamedCeilings(config, shared)
  shared.operator.signer = {
    get maxPrice() {
      return ceilings.base
    },
    setMaxPrice: (price) => ceilings.set('base', price),
    setMaxPriceForCapability: (capability, modelId, price) => ceilings.set({ capability, modelId }, price),
  }
  const discovery = config.discovery && composeDiscovery(config, config.discovery, ceilings, chain, shared, parts)
  const { maxHourlyValueWei: perHourWei } = config
  const signer = new Signer({
    account,
    verifier: signatureVerifier,
    tickets: new TicketSender({ parameters }, { signer: account, clock, reserves }),
    domain,
    maxPrice: (capabilities) => ceilings.most(capabilities),
    auth: config.webhook && new PaymentAuth(config.webhook, { log }),
    spending: perHourWei === undefined ? undefined : new SpendingLimit({ perHourWei }, { clock: systemClock }),
    discover: discovery && ((capabilities) => discovery.find(capabilities)),
    clock: systemClock,
    log,
  })
  parts.push(new SignerServer(config.listen, { signer, log }))
}

/** Throws `unsafe_signer` where anybody in the network could have this account's money signed away. */
export function checkExposure({ listen, webhook, allowNoAuth }: SignerConfig, deps: { readonly log: Log }): void {
  if (webhook) return
  const local = listen.host === 'localhost' || listen.host === '::1' || /^127(\.\d{1,3}){3}$/.test(listen.host)
  if (!local && !allowNoAuth)
    throw new MillraceError(
      'unsafe_signer',
      `a signer that listens on ${listen.host} without -remoteSignerWebhookUrl pays for everybody who reaches it: name the webhook, listen on 127.0.0.1, or pass -remoteSignerAllowNoAuth where something else keeps strangers away`,
    )
  deps.log.warn('this signer signs for everybody who reaches it: -remoteSignerWebhookUrl names who may be paid for', {
    host: listen.host,
  })
}

function composeDiscovery(
  config: SignerConfig,
  options: { readonly refreshMs: number },
  ceilings: NamedCeilings,
  { signer }: ChainAccess,
  shared: Shared,
  parts: Part[],
): Pick<SignerDiscovery, 'find'> {
  const book = new OrchestratorBook(
    { allowPrivate: mayBePrivate(config, shared) },
    {
      directory: directoryOf(config, shared),
      clock: systemClock,
      request: () => signOrchestratorRequest(signer, { ignoreCapacityCheck: true }),
    },
  )
  parts.push({ name: 'signer-discovery', stop: async () => book.close() })
  const blocked = blocklistOf(config.orchBlocklist ?? [])
  return new SignerDiscovery<DirectoryEntry>(options, {
    find: () => book.entries(),
    ask: (entry) => book.info(entry, { signal: undefined }),
    isBlocked: ({ address }: { readonly address: Address }) => blocked.has(address),
    maxPrice: (capabilities) => ceilings.most(capabilities),
    clock: systemClock,
    log: shared.log,
  })
}
