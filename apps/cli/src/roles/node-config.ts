import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MillraceError } from '@millrace/base'
import type { NodeConfig } from '@millrace/node'
import { nodeId } from '@millrace/wire'
import { defaultDataFolder } from '../data-folder.ts'
import type { Role } from '../flags/flag.ts'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { ethAddress, isLoopback, listenAt } from './addresses.ts'
import { aiModelsOf, aiPricesOf, aiWorkerConfig } from './ai-worker-config.ts'
import { gatewayConfig } from './gateway-config.ts'
import { keystoreConfig, networkConfig } from './network-config.ts'
import { orchestratorConfig, serviceUriOf } from './orchestrator-config.ts'
import { queuesConfig } from './queues-config.ts'
import { signerConfig } from './signer-config.ts'
import { workerConfig } from './worker-config.ts'

/** The role that names a process of several: its data folder and its operator's port are those of this role. */
export const leadingRole = (roles: readonly Role[]): Role =>
  (['orchestrator', 'gateway', 'redeemer', 'signer', 'worker'] as const).find((role) => roles.includes(role))!

const OPERATOR_PORTS: Readonly<Record<Role, number>> = {
  gateway: 5935,
  orchestrator: 7935,
  redeemer: 7935,
  worker: 6935,
  signer: 3935,
}

/** Where the process keeps its data: -dataDir, or a folder named after the network. */
export const dataFolderOf = (flags: Flags): string =>
  resolve(flags.optional('dataDir') ?? defaultDataFolder(folderName(flags.text('network'))))

/**
 * The node that the flags describe; `folder` is its own, below the data folder.
 * Throws `flag_missing`, `bad_flag`, `flag_not_served` or a disk error, each with the flag's name.
 */
export async function nodeConfigOf(
  roles: readonly Role[],
  flags: Flags,
  folders: { readonly data: string; readonly node: string },
): Promise<NodeConfig> {
  const lead = leadingRole(roles)
  const has = (role: Role) => roles.includes(role)
  // A worker alone, or a gateway whose key is elsewhere, needs neither key nor chain.
  const keyElsewhere = has('gateway') && signsElsewhere(roles, flags)
  const needsChain = (has('gateway') && !keyElsewhere) || has('orchestrator') || has('redeemer') || has('signer')
  const network = needsChain ? await networkConfig(flags) : ({ kind: 'offchain' } as const)
  const onChain = network.kind === 'chain'
  const doesAi = flags.switch('aiWorker')
  const models = await aiModelsOf(flags)
  // With -aiWorker a worker transcodes only where it is told so.
  const transcodes = has('worker') && (!doesAi || flags.switch('transcoder'))
  if (has('redeemer') && !onChain) throw missing('network', 'a redeemer has nothing to do without a chain')
  if (has('signer') && !onChain) throw missing('network', 'a signer has nothing to do without a chain')
  return {
    nodeId: nodeId(lead),
    folder: folders.node,
    network,
    ...(onChain && keystoreConfig(flags, folders.data)),
    // A folder of go-livepeer: its tickets that wait are taken over.
    ...(onChain && existsSync(join(folders.data, 'lpdb.sqlite3')) && { goLivepeerFolder: folders.data }),
    operator: operatorAt(flags, lead),
    ...observation(flags),
    ...(has('gateway') && {
      gateway: gatewayConfig(flags, {
        onChain,
        ownOrchestrator: has('orchestrator') ? serviceUriOf(flags, onChain) : undefined,
      }),
    }),
    ...(has('orchestrator') && {
      orchestrator: orchestratorConfig(flags, {
        onChain,
        localWorker: transcodes,
        withGateway: has('gateway'),
        folder: folders.node,
        aiPrices: aiPricesOf(models, onChain),
      }),
    }),
    ...(transcodes && { worker: workerConfig(flags, { local: has('orchestrator') }) }),
    ...(doesAi && { aiWorker: aiWorkerConfig(flags, models, { local: has('orchestrator') }) }),
    ...(has('redeemer') && { redeemer: redeemerConfig(flags) }),
    ...(has('signer') && { signer: signerConfig(flags) }),
  }
}

/** Throws `bad_flag` for a gateway that is told to have a key, or a role with one, beside the signer that has it. */
function signsElsewhere(roles: readonly Role[], flags: Flags): boolean {
  if (flags.optional('remoteSignerUrl') === undefined) return false
  if (roles.some((role) => role !== 'gateway'))
    throw new MillraceError(
      'bad_flag',
      'a gateway with -remoteSignerUrl is a process of its own: leave out its other roles',
    )
  if (flags.text('network') !== 'offchain')
    throw new MillraceError(
      'bad_flag',
      'a gateway with -remoteSignerUrl is on no chain itself: leave out -network, the signer has it',
    )
  return true
}

function redeemerConfig(flags: Flags): NonNullable<NodeConfig['redeemer']> {
  const recipient = flags.optional('ethOrchAddr')
  return {
    listen: listenAt('httpAddr', flags.text('httpAddr'), { host: '127.0.0.1', port: 8935 }),
    ...(recipient !== undefined && { recipient: ethAddress('ethOrchAddr', recipient) }),
  }
}

/** What the node tells of its work beside the log. */
function observation(flags: Flags): Pick<NodeConfig, 'monitor' | 'traces' | 'queues'> {
  const otlpUrl = flags.optional('otlpUrl')
  if (otlpUrl !== undefined && !/^https?:\/\/[^/]/i.test(otlpUrl))
    throw badFlag('otlpUrl', 'an address that begins with http:// or https://', '(not shown)')
  return {
    ...(flags.switch('monitor') && {
      monitor: { perStream: flags.switch('metricsPerStream'), clientIp: flags.switch('metricsClientIP') },
    }),
    ...(otlpUrl !== undefined && { traces: { otlpUrl } }),
    ...queuesConfig(flags),
  }
}

/** Nobody is asked for a password on the operator's port, so it is for this machine only. */
function operatorAt(flags: Flags, lead: Role): NodeConfig['operator'] {
  const text = flags.text('cliAddr')
  const at = listenAt('cliAddr', text, { host: '127.0.0.1', port: OPERATOR_PORTS[lead] })
  if (text.startsWith(':')) return { ...at, host: '127.0.0.1' }
  if (!isLoopback(at.host)) throw badFlag('cliAddr', 'an address of this machine only, such as 127.0.0.1:7935', text)
  return at
}

/** Any name may be given to a network; only its harmless letters make the folder. */
const folderName = (network: string): string => network.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_') || '_'
