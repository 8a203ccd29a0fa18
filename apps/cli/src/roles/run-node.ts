import { type Log, MillraceError } from '@millrace/base'
import { openLog, Watchdog } from '@millrace/base/node'
import { EventHub, NODE_VERSION, type NodeConfig, openNodeFolder, startNode } from '@millrace/node'
import type { Role } from '../flags/flag.ts'
import type { Flags } from '../flags/flags.ts'
import { reportAndExit, untilInterrupted } from '../report.ts'
import { letYoungGenerationGrow } from '../young-generation.ts'
import { dataFolderOf, leadingRole, nodeConfigOf } from './node-config.ts'

const STOP_LIMIT_MS = 10_000

/** Runs a node until a signal comes, then lets it finish what it holds, 10 s at most. */
export async function runNode(roles: readonly Role[], flags: Flags): Promise<never> {
  const file = flags.optional('logFile')
  const log = openLog({ level: levelOf(flags), ...(file === undefined ? {} : { file }) })
  const interrupted = untilInterrupted()
  const data = dataFolderOf(flags)
  const folder = await openNodeFolder(data, leadingRole(roles))
  const config = await nodeConfigOf(roles, flags, { data, node: folder.path })
  flags.explain(roles, log)
  const node = await startNode(config, { hub: new EventHub(), log, onFatal: reportAndExit })
  letYoungGenerationGrow()
  const limitMs = flags.durationMs('maxBlocked')
  const watchdog = limitMs > 0 ? new Watchdog({ limitMs: Math.max(1_000, limitMs), logFile: file }, { log }) : undefined
  await watchdog?.start()
  announce(roles, config, { log, measured: config.worker?.capacity === 'auto' ? node.workerCapacity : undefined })
  await interrupted
  log.info('stopping')
  await watchdog?.stop()
  const late = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), STOP_LIMIT_MS))
  if ((await Promise.race([node.stop(), late])) === 'late')
    log.warn('stopped with work under way', { afterMs: STOP_LIMIT_MS })
  folder.close()
  log.flush()
  process.exit(0)
}

/** One line for people and scripts that wait for the node; the rest is in the log. */
function announce(
  roles: readonly Role[],
  config: NodeConfig,
  { log, measured }: { readonly log: Log; readonly measured: number | undefined },
): void {
  const { gateway, orchestrator, worker, redeemer, signer, operator, network } = config
  const at = ({ host, port }: { readonly host: string; readonly port: number }) =>
    `${host.includes(':') ? `[${host}]` : host}:${port}`
  const doors = [
    ...(gateway ? [`HTTP http://${at(gateway.http)}`] : []),
    ...(gateway?.rtmp ? [`RTMP rtmp://${at(gateway.rtmp)}`] : []),
    ...(gateway?.srt ? [`SRT srt://${at(gateway.srt)}`] : []),
    ...(orchestrator ? [`service ${orchestrator.serviceUri}`] : []),
    ...(worker?.orchestrator ? [`works for ${worker.orchestrator.uri}`] : []),
    ...(measured === undefined ? [] : [`${measured} ${measured === 1 ? 'session' : 'sessions'} at once`]),
    ...(redeemer ? [`gRPC ${at(redeemer.listen)}`] : []),
    ...(signer ? [`signs at http://${at(signer.listen)}`] : []),
    `operator http://${at(operator)}`,
  ]
  process.stdout.write(`millrace ${roles.join(' + ')} is up: ${doors.join(', ')}\n`)
  log.info('node is up', {
    roles: roles.join(','),
    version: NODE_VERSION,
    network: network.kind,
    dataFolder: config.folder,
  })
  if (gateway && gateway.httpIngest === false)
    log.warn('segments are not taken by HTTP, because -httpAddr can be reached from outside; -httpIngest takes them')
  if (orchestrator?.workerSecret !== undefined)
    log.info('workers join with the token that `millrace orchestrator -printJoinToken` prints')
}

function levelOf(flags: Flags): 'debug' | 'info' | 'warn' {
  const level = flags.count('v')
  if (level > 10) throw new MillraceError('bad_flag', `-v goes from 0 to 10, not ${level}`)
  return level === 0 ? 'warn' : level < 4 ? 'info' : 'debug'
}
