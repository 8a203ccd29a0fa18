import { resolve } from 'node:path'
import { MillraceError } from '@millrace/base'
import { openLog } from '@millrace/base/node'
import { DataFolder, decodeNodeConfig, EventHub, type NodeConfig, startNode } from '@millrace/node'
import { DEFAULT_LADDER, nodeId } from '@millrace/wire'
import { defineCommand } from 'citty'
import { defaultDataFolder } from '../data-folder.ts'
import { reportAndExit, reporting, untilInterrupted } from '../report.ts'
import { refuseUnknownFlags } from '../unknown-flags.ts'

const DEFAULT_PORT = 9936
const DEFAULT_INTERVAL_MINUTES = 60

const args = {
  'orch-addr': { type: 'string', description: 'The orchestrators to test, separated by commas' },
  'orch-webhook-url': { type: 'string', description: 'Where the list of orchestrators to test is read' },
  region: { type: 'string', description: 'The region the scores are kept under (default: LOCAL)' },
  interval: { type: 'string', description: 'Minutes from one round of tests to the next (default: 60)' },
  clip: { type: 'string', description: 'A short video file (default: a moving test picture of 8 seconds)' },
  'http-addr': { type: 'string', description: `Where the scores are served (default: 127.0.0.1:${DEFAULT_PORT})` },
  once: { type: 'boolean', description: 'Test each orchestrator once, print the scores as JSON and end' },
  'data-dir': { type: 'string', description: 'The data folder (default: ~/.millrace/tester)' },
  config: { type: 'string', description: 'A node configuration with a tester, for one that pays on a chain' },
} as const

type Given = { readonly [Name in Exclude<keyof typeof args, 'once'>]?: string | undefined }

/** `millrace tester`: streams a clip to each orchestrator on schedule and serves the scores that `-orchPerfStatsUrl` reads. */
export const tester = defineCommand({
  meta: { name: 'tester', description: 'Test orchestrators on schedule and serve their scores' },
  args,
  run: reporting(async ({ args: given, rawArgs }) => {
    refuseUnknownFlags(rawArgs, args)
    const folder = given.config === undefined ? openFolder(given) : undefined
    const config = given.config === undefined ? offchainTester(given, folder!) : decodeNodeConfig(given.config)
    if (!config.tester) throw new MillraceError('bad_config', `${given.config} has no tester: see docs/operating.md`)
    const interrupted = untilInterrupted()
    const log = openLog({ level: 'info', ...(folder && { file: `${folder.logs}/tester.log` }) })
    const node = await startNode(config, { hub: new EventHub(), log, onFatal: reportAndExit })
    const { host, port } = config.tester.listen
    if (!given.once) process.stdout.write(`scores: http://${host}:${port}/api/aggregated_stats\n`)
    await (given.once ? Promise.race([node.tester?.firstRound, interrupted]) : interrupted)
    if (given.once) process.stdout.write(`${JSON.stringify(node.tester?.scores(), undefined, 2)}\n`)
    await node.stop()
    folder?.close()
    log.flush()
    process.exit(0)
  }),
})

const openFolder = (given: Given): DataFolder =>
  DataFolder.open(resolve(given['data-dir'] ?? defaultDataFolder('tester')))

function offchainTester(given: Given, folder: DataFolder): NodeConfig {
  const orchestrators = given['orch-addr']?.split(',').filter((address) => address.trim() !== '')
  const webhook = given['orch-webhook-url']
  if (!orchestrators && webhook === undefined)
    throw new MillraceError('no_orchestrators', 'name orchestrators with --orch-addr or --orch-webhook-url')
  const minutes = Number(given.interval ?? DEFAULT_INTERVAL_MINUTES)
  if (!(minutes > 0 && minutes <= 10_080))
    throw new MillraceError('bad_flag', `--interval is ${given.interval}, expected minutes above 0`)
  const listen = readAddress(given['http-addr'] ?? `127.0.0.1:${DEFAULT_PORT}`)
  return {
    nodeId: nodeId('tester'),
    folder: folder.node('tester'),
    network: { kind: 'offchain' },
    operator: { host: '127.0.0.1', port: 0 },
    tester: {
      listen,
      region: given.region ?? 'LOCAL',
      intervalMs: Math.round(minutes * 60_000),
      ladder: DEFAULT_LADDER.slice(2),
      ...(given.clip !== undefined && { clip: resolve(given.clip) }),
      ...(orchestrators && { orchestrators }),
      ...(webhook !== undefined && { orchWebhookUrl: webhook }),
    },
  }
}

function readAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (!match || port > 65_535)
    throw new MillraceError('bad_flag', `--http-addr is ${text}, expected host:port such as 127.0.0.1:${DEFAULT_PORT}`)
  return { host: match[1] ?? '127.0.0.1', port }
}
