import { ROLES, type Role } from '../flags/flag.ts'

/** What the list of commands says of each. */
export const ROLE_DESCRIPTIONS: Readonly<Record<Role, string>> = {
  gateway: 'Take streams and buy their renditions from orchestrators',
  orchestrator: 'Sell transcoding to gateways',
  worker: 'Transcode for an orchestrator',
  signer: 'Keep the key of gateways, and sign and pay for them',
  redeemer: "Turn an orchestrator's winning tickets into ETH",
}

export type RoleCommand = { readonly role: Role | undefined; readonly rest: readonly string[] }

/** The role command of a command line, if it is one: a role's name first, or flags alone as go-livepeer has them. */
export function asRoleCommand(args: readonly string[]): RoleCommand | undefined {
  const [first = '', second] = args
  if (first === 'gateway' && second === 'plan') return undefined
  const role = ROLES.find((name) => name === first)
  if (role) return { role, rest: args.slice(1) }
  const overview = args.length === 1 && /^--?(h|help)$/.test(first)
  return first.startsWith('-') && !overview ? { role: undefined, rest: args } : undefined
}
