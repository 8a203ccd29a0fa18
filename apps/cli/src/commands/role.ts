import { NODE_VERSION } from '@millrace/node'
import { ROLES, type Role } from '../flags/flag.ts'
import { helpText } from '../flags/help.ts'
import { readFlags } from '../flags/read-flags.ts'
import { reportAndExit } from '../report.ts'
import { joinTokenOf } from '../roles/print-join-token.ts'
import { rolesOf } from '../roles/roles-of.ts'
import { runNode } from '../roles/run-node.ts'

/** Starts a node with the role of the command and those of the flags; with flags alone as go-livepeer does. */
export async function runRole(command: Role | undefined, args: readonly string[]): Promise<void> {
  try {
    const flags = readFlags(args, process.env)
    if (flags.switch('help')) return void process.stdout.write(helpText(command ? [command] : ROLES))
    if (flags.switch('version')) return void process.stdout.write(`Livepeer Node Version: ${NODE_VERSION}\n`)
    const roles = rolesOf(command, flags)
    if (roles.includes('orchestrator') && flags.switch('printJoinToken'))
      return void process.stdout.write(`${joinTokenOf(flags)}\n`)
    await runNode(roles, flags)
  } catch (error) {
    reportAndExit(error)
  }
}
