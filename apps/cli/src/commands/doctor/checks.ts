import { parseRpcUrls } from '@millrace/chain'
import { balance } from './checks/balance.ts'
import { clock } from './checks/clock.ts'
import { contracts } from './checks/contracts.ts'
import { dataFolder } from './checks/data-folder.ts'
import { deposit } from './checks/deposit.ts'
import { engine } from './checks/engine.ts'
import { ffmpeg } from './checks/ffmpeg.ts'
import { gpu } from './checks/gpu.ts'
import { keystore } from './checks/keystore.ts'
import { nodeVersion } from './checks/node-version.ts'
import { orchestrators } from './checks/orchestrators.ts'
import { price } from './checks/price.ts'
import { priceFeed } from './checks/price-feed.ts'
import { reachable } from './checks/reachable.ts'
import { registration } from './checks/registration.ts'
import { reward, rewardCaller } from './checks/reward.ts'
import { rpc } from './checks/rpc.ts'
import { serviceUri } from './checks/service-uri.ts'
import type { Check } from './finding.ts'
import { isRunning } from './is-running.ts'
import { CHECK_CONTRACTS, CHECK_KEYSTORE, type Subject } from './subject.ts'

const NETWORK_MS = 20_000
const MEDIA_MS = 45_000

/** What there is to look at for the roles of a set-up. */
export function checksOf(subject: Subject): readonly Check[] {
  const { gateway, orchestrator, signer, worker } = subject.config
  return [
    nodeCheck,
    folderCheck(subject),
    ...(subject.chain ? chainChecks(subject) : []),
    ...(orchestrator ? orchestratorChecks(subject) : []),
    ...(subject.chain && (gateway || signer) ? [depositCheck(subject)] : []),
    ...(gateway ? gatewayChecks(subject) : []),
    ...(worker ? workerChecks(subject) : []),
  ]
}

export const nodeCheck: Check = { name: 'Node', run: async () => nodeVersion() }

const folderCheck = ({ config, dataFolder: path }: Subject): Check => ({
  name: 'data folder',
  run: () => dataFolder(path, config.nodeId, { running: () => isRunning(config.operator) }),
})

function chainChecks(subject: Subject): readonly Check[] {
  const { ethUrl, chainId } = subject.chain!
  return [
    { name: CHECK_KEYSTORE, timeoutMs: NETWORK_MS, run: () => keystore(subject) },
    // A URL may hold a secret: the host alone names it.
    ...parseRpcUrls(ethUrl).map((url) => ({ name: `RPC ${new URL(url).host}`, run: () => rpc(url, chainId) })),
    { name: CHECK_CONTRACTS, timeoutMs: NETWORK_MS, run: () => contracts(subject) },
    { name: 'clock', timeoutMs: NETWORK_MS, run: () => clock(subject) },
    { name: 'balance', timeoutMs: NETWORK_MS, run: () => balance(subject) },
    ...currenciesOf(subject).map((currency) => ({
      name: `price of ${currency}`,
      timeoutMs: NETWORK_MS,
      run: () => priceFeed(subject, currency),
    })),
  ]
}

/** The currencies besides wei that prices are named in. */
function currenciesOf({ config: { gateway, orchestrator, signer } }: Subject): readonly string[] {
  const named = [
    gateway?.maxPriceCurrency,
    signer?.maxPriceCurrency,
    orchestrator?.currency,
    ...(orchestrator?.gatewayPrices ?? []).map((p) => p.currency),
  ]
  return [...new Set(named.filter((currency) => currency !== undefined))]
}

function orchestratorChecks(subject: Subject): readonly Check[] {
  const { serviceUri: uri, address } = subject.config.orchestrator!
  const onChain = subject.chain !== undefined
  const running = () => isRunning(subject.config.operator)
  const isPublic = onChain && subject.chain.payments !== 'devnet'
  const reach: Check = {
    name: 'service address',
    run: async ({ signal }) => {
      // Pings are signed by the node's own key, also where it works for another account.
      const account = onChain ? (await subject.key().catch(() => undefined))?.address : undefined
      return reachable({ uri, address: account, isPublic, running }, signal)
    },
  }
  if (!onChain) return [reach]
  const limits = { timeoutMs: NETWORK_MS }
  return [
    { name: 'registration', ...limits, run: () => registration(subject) },
    { name: 'service URI', ...limits, run: () => serviceUri(subject) },
    reach,
    { name: 'reward', ...limits, run: () => reward(subject) },
    ...(address === undefined ? [] : [{ name: 'reward caller', ...limits, run: () => rewardCaller(subject) }]),
    { name: 'price', ...limits, run: ({ signal }) => price(subject, signal) },
  ]
}

/** A signer pays from its own deposit for gateways that have none. */
const depositCheck = (subject: Subject): Check => ({
  name: 'deposit',
  timeoutMs: NETWORK_MS,
  run: () => deposit(subject),
})

const gatewayChecks = (subject: Subject): readonly Check[] => [
  { name: 'orchestrators', timeoutMs: NETWORK_MS, run: ({ signal }) => orchestrators(subject, signal) },
]

function workerChecks({ config }: Subject): readonly Check[] {
  const { engine: name, preset, orchestrator, capacity } = config.worker!
  return [
    {
      name: 'media engine',
      timeoutMs: MEDIA_MS,
      run: ({ signal }) => engine({ engine: name, ...(preset !== undefined && { preset }) }, signal),
    },
    { name: 'FFmpeg program', run: ({ signal }) => ffmpeg(name, signal) },
    { name: 'GPU', timeoutMs: MEDIA_MS, run: ({ signal }) => gpu(capacity, signal) },
    ...(orchestrator
      ? [
          {
            name: 'its orchestrator',
            run: ({ signal }: { readonly signal: AbortSignal }) =>
              reachable({ uri: orchestrator.uri, isPublic: false, running: async () => false }, signal),
          },
        ]
      : []),
  ]
}
