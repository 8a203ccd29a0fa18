import { defineCommand, runMain } from 'citty'
import { asRoleCommand, roleCommands, runRole } from './commands/role.ts'
import { run } from './commands/run.ts'
import { transcode } from './commands/transcode.ts'
import { up } from './commands/up.ts'
import { reportAndExit } from './report.ts'

const program = defineCommand({
  meta: {
    name: 'millrace',
    description: 'A whole Livepeer network in one program: pay for transcoding with tickets, on one machine or many.',
  },
  subCommands: { up, transcode, ...roleCommands, run },
})

/** Runs the command line; errors end it with one clear sentence and a status other than 0. */
export async function main(args: readonly string[]): Promise<void> {
  process.on('uncaughtException', reportAndExit)
  process.on('unhandledRejection', reportAndExit)
  const command = asRoleCommand(args)
  if (command) return runRole(command.role, command.rest)
  await runMain(program, { rawArgs: args[0] === '-help' ? ['--help'] : [...args] })
}
