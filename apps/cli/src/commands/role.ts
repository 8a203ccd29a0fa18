import { NODE_VERSION } from '@millrace/node'
import { defineCommand } from 'citty'
import { ROLES, type Role } from '../flags/flag.ts'
import { helpText } from '../flags/help.ts'
import { readFlags } from '../flags/read-flags.ts'
import { reportAndExit } from '../report.ts'
import { joinTokenOf } from '../roles/print-join-token.ts'
import { rolesOf } from '../roles/roles-of.ts'
import { runNode } from '../roles/run-node.ts'

const DESCRIPTION: Readonly<Record<Role, string>> = {
  gateway: 'Take streams and buy their renditions from orchestrators',
  orchestrator: 'Sell transcoding to gateways',
  worker: 'Transcode for an orchestrator',
  redeemer: "Turn an orchestrator's winning tickets into ETH",
}

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

/** What the list of commands shows; their flags are read by `runRole`, because they are written as in go-livepeer. */
export const roleCommands = Object.fromEntries(
  ROLES.map((role) => [
    role,
    defineCommand({
      meta: { name: role, description: DESCRIPTION[role] },
      run: ({ rawArgs }) => runRole(role, rawArgs),
    }),
  ]),
)

/** The role command of a command line, if it is one: a role's name first, or flags alone that name no command. */
export function asRoleCommand(
  args: readonly string[],
): { readonly role: Role | undefined; readonly rest: readonly string[] } | undefined {
  const [first = ''] = args
  const role = ROLES.find((name) => name === first)
  if (role) return { role, rest: args.slice(1) }
  const overview = args.length === 1 && /^--?(h|help)$/.test(first)
  return first.startsWith('-') && !overview ? { role: undefined, rest: args } : undefined
}
