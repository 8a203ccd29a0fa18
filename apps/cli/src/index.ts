import { defineCommand, runMain } from 'citty'
import { OPERATOR_COMMANDS } from './commands/operator/names.ts'
import { run } from './commands/run.ts'
import { tester } from './commands/tester.ts'
import { transcode } from './commands/transcode.ts'
import { up } from './commands/up.ts'
import { reportAndExit } from './report.ts'

// Loaded when one of them is run.
const operatorCommands = Object.fromEntries(
  OPERATOR_COMMANDS.map((name) => [
    name,
    () => import('./commands/operator/index.ts').then(({ operatorCommands: all }) => all[name]),
  ]),
)

const program = defineCommand({
  meta: {
    name: 'millrace',
    description: 'A whole Livepeer network in one program: pay for transcoding with tickets, on one machine or many.',
  },
  subCommands: { up, transcode, tester, run, ...operatorCommands },
})

/** Runs the command line; errors end it with one clear sentence and a status other than 0. */
export async function main(args: readonly string[]): Promise<void> {
  process.on('uncaughtException', reportAndExit)
  process.on('unhandledRejection', reportAndExit)
  await runMain(program, { rawArgs: [...args] })
}
