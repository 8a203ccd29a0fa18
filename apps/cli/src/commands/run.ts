import { openLog } from '@millrace/base/node'
import { decodeNodeConfig, EventHub, startNode } from '@millrace/node'
import { defineCommand } from 'citty'
import { reportAndExit, reporting, untilInterrupted } from '../report.ts'
import { refuseUnknownFlags } from '../unknown-flags.ts'
import { letYoungGenerationGrow } from '../young-generation.ts'

const STOP_LIMIT_MS = 10_000

const args = {
  config: { type: 'positional', description: "The node's configuration, a JSON file", required: true },
  'log-file': { type: 'string', description: 'Where to write the log (default: standard error)' },
} as const

/** `millrace run`: one node in this process, as `millrace up --processes` starts it. */
export const run = defineCommand({
  meta: { name: 'run', description: 'Run one node from a configuration file' },
  args,
  run: reporting(async ({ args: given, rawArgs }) => {
    refuseUnknownFlags(rawArgs, args)
    const file = given['log-file']
    const log = openLog({ level: 'info', ...(file === undefined ? {} : { file }) })
    const interrupted = untilInterrupted()
    const node = await startNode(decodeNodeConfig(given.config), { hub: new EventHub(), log, onFatal: reportAndExit })
    letYoungGenerationGrow()
    process.send?.({ up: true })
    // A node must not outlive the network that started it.
    const orphaned = new Promise<void>((resolve) => process.once('disconnect', () => resolve()))
    await Promise.race([interrupted, orphaned])
    await Promise.race([node.stop(), new Promise((resolve) => setTimeout(resolve, STOP_LIMIT_MS))])
    log.flush()
    process.exit(0)
  }),
})
