import { MillraceError } from '@millrace/base'
import type { Role } from '../flags/flag.ts'
import type { Flags } from '../flags/flags.ts'

/** The roles of a process: that of the command and those switched on by flags. Throws `bad_flag` for none, or for two that do not go together. */
export function rolesOf(command: Role | undefined, flags: Flags): readonly Role[] {
  const switches = [
    ['gateway', 'gateway'],
    ['orchestrator', 'orchestrator'],
    ['worker', 'transcoder'],
    ['redeemer', 'redeemer'],
    ['signer', 'remoteSigner'],
  ] as const
  const roles = switches.filter(([role, flag]) => role === command || flags.switch(flag)).map(([role]) => role)
  // go-livepeer's way to start a worker that does AI jobs and no transcoding.
  if (roles.length === 0 && flags.switch('aiWorker')) return ['worker']
  if (roles.length === 0)
    throw new MillraceError(
      'bad_flag',
      'no role is given: start with -gateway, -orchestrator, -transcoder, -aiWorker, -redeemer or -remoteSigner',
    )
  if (roles.includes('redeemer') && roles.length > 1)
    throw new MillraceError(
      'bad_flag',
      'a redeemer is a process of its own: an orchestrator redeems its own tickets, unless -redeemerAddr names one',
    )
  if (roles.includes('signer') && roles.length > 1)
    throw new MillraceError(
      'bad_flag',
      'a signer is a process of its own: gateways reach it with -remoteSignerUrl, so that its key is not where they are',
    )
  return roles
}
