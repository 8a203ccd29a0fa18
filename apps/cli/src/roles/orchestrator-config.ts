import { MillraceError } from '@millrace/base'
import type { AiPriceConfig, OrchestratorConfig } from '@millrace/node'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { ethAddress, isLoopback, listenAt, portOfUrl, SERVICE_PORT, serviceUrl } from './addresses.ts'
import { orchestratorDistribution } from './distribution-config.ts'
import { keptJoinSecret } from './join-token.ts'
import { liveAiSelling } from './live-ai-config.ts'
import { liveRunnerConfig } from './live-runner-config.ts'
import { gatewayPrices, pricePerPixel } from './prices.ts'
import { secretText } from './secret-text.ts'
import { sessions } from './sessions.ts'

const LPT = 10n ** 18n

export type OrchestratorSurroundings = {
  readonly onChain: boolean
  /** True when a worker of this process does the work; without one remote workers may join. */
  readonly localWorker: boolean
  /** True when -httpAddr is the gateway's, because both roles run in this process. */
  readonly withGateway: boolean
  /** Where the secret is kept that workers join with. */
  readonly folder: string
  readonly aiPrices: readonly AiPriceConfig[]
}

export function orchestratorConfig(flags: Flags, surroundings: OrchestratorSurroundings): OrchestratorConfig {
  const { onChain, localWorker, withGateway, aiPrices } = surroundings
  const serviceUri = serviceUriOf(flags, onChain)
  if (onChain && !flags.isSet('pricePerUnit'))
    throw missing('pricePerUnit', 'an orchestrator on a chain must name its price, in wei for -pixelsPerUnit pixels')
  if (flags.isSet('authWebhookUrl'))
    throw new MillraceError(
      'flag_not_served',
      '-authWebhookUrl admits streams at gateways; an orchestrator cannot ask it about gateways yet: leave it out',
    )
  if (flags.isSet('objectStore') && !withGateway)
    throw new MillraceError(
      'flag_not_served',
      '-objectStore is served by gateways; an orchestrator keeps results in memory, or puts them where a gateway asks: leave it out',
    )
  const secret = workerSecret(flags, surroundings)
  const redeemer = flags.optional('redeemerAddr')
  const prices = gatewayPrices(flags, onChain)
  const address = flags.optional('ethOrchAddr')
  const nodes = flags.list('nodes').map((node) => serviceUrl('nodes', node))
  return {
    serviceUri,
    listen: listenAt('httpAddr', withGateway ? '' : flags.text('httpAddr'), {
      host: bindTo(new URL(serviceUri).hostname),
      port: portOfUrl(serviceUri),
    }),
    ...pricePerPixel(flags, 'pricePerUnit', onChain),
    maxSessions: sessions(flags),
    ...stakeLimit(flags, onChain),
    ...(secret !== undefined && (!localWorker || flags.isSet('orchSecret')) && { workerSecret: secret }),
    callReward: onChain && flags.switch('reward'),
    initializeRounds: onChain && flags.switch('initializeRound'),
    ...(onChain && flags.switch('juror') && { juror: true }),
    ...(onChain && { initializeRoundMaxDelayMs: flags.durationMs('initializeRoundMaxDelay') }),
    ...(nodes.length > 0 && { nodes }),
    ...orchestratorDistribution(flags, onChain),
    ...(onChain && redeemer !== undefined && { redeemerUri: serviceUrl('redeemerAddr', redeemer) }),
    autoAdjustPrice: flags.switch('autoAdjustPrice'),
    ...(prices && { gatewayPrices: prices }),
    ...(aiPrices.length > 0 && { aiPrices }),
    ...liveAiSelling(flags),
    ...liveRunnerConfig(flags, onChain),
    ...(onChain && address !== undefined && { address: ethAddress('ethOrchAddr', address) }),
  }
}

/** Where to listen for what comes to a host: on loopback for its names and addresses, else on all addresses of its kind. */
function bindTo(host: string): string {
  const six = host.startsWith('[')
  if (isLoopback(host)) return six ? '::1' : '127.0.0.1'
  return six ? '::' : '0.0.0.0'
}

function stakeLimit(flags: Flags, onChain: boolean): Pick<OrchestratorConfig, 'lptPerSession'> {
  const { num, den } = flags.rational('lptPerSession')
  if (num === 0n) return {}
  const lptPerSession = (num * LPT) / den
  if (!onChain)
    throw badFlag('lptPerSession', '0 where there is no chain: nothing is staked', flags.text('lptPerSession'))
  if (lptPerSession === 0n) throw badFlag('lptPerSession', 'an amount of LPT above 0', flags.text('lptPerSession'))
  return { lptPerSession }
}

/** The URL that gateways and workers are told. */
export function serviceUriOf(flags: Flags, onChain: boolean): string {
  const text = flags.optional('serviceAddr')
  if (text === undefined && onChain)
    throw missing('serviceAddr', 'an orchestrator on a chain must say under which host:port gateways reach it')
  return serviceUrl('serviceAddr', text ?? `127.0.0.1:${SERVICE_PORT}`)
}

/** The secret of -orchSecret, else the one that the orchestrator keeps for itself. */
export function workerSecret(
  flags: Flags,
  { localWorker, folder }: Pick<OrchestratorSurroundings, 'localWorker' | 'folder'>,
): string | undefined {
  const text = flags.optional('orchSecret')
  if (text !== undefined) return secretText(text, 'orchSecret')
  return localWorker ? undefined : keptJoinSecret(folder)
}
