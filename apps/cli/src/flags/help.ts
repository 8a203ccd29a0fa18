import type { Flag, Role } from './flag.ts'
import { flagsOf } from './flag-table.ts'

const MARK: Readonly<Record<Flag['standing'], string>> = {
  served: '',
  accepted: ' [accepted, does nothing]',
  not_yet: ' [not served yet]',
}

/** What `-help` prints for a role: how to start it, then its flags. */
export function helpText(roles: readonly Role[]): string {
  const command =
    roles.length === 1
      ? `millrace ${roles[0]}`
      : 'millrace -gateway | -orchestrator | -transcoder | -redeemer | -remoteSigner'
  const lines = flagsOf(roles)
    .toSorted((a, b) => rank(a) - rank(b))
    .map((flag) => `  -${flag.name}${value(flag)}\n        ${flag.help}${standard(flag)}${MARK[flag.standing]}`)
  return [
    `${command} [flags]`,
    '',
    '-x is the same as --x; values follow as -x=value or -x value. A file (-config) is overridden by the',
    'environment (MILLRACE_ORCH_ADDR or LP_ORCHADDR), and that by the flags.',
    '',
    ...lines,
    '',
  ].join('\n')
}

/** The flags of a role as a table for its page. */
export function flagTable(role: Role): string {
  const rows = flagsOf([role])
    .toSorted((a, b) => rank(a) - rank(b))
    .map((flag) => {
      const names = [flag.name, ...(flag.aliases ?? [])].map((name) => `\`-${name}\``).join(', ')
      const shown = flag.standard === '' ? '' : `\`${flag.standard}\``
      return `| ${names} | ${shown} | ${cell(flag.help)} | ${STANDING[flag.standing]} |`
    })
  return ['| flag | default | what it does | |', '|---|---|---|---|', ...rows].join('\n')
}

const STANDING: Readonly<Record<Flag['standing'], string>> = {
  served: '',
  accepted: 'accepted, does nothing',
  not_yet: 'not yet',
}

const rank = ({ standing }: Flag): number => ['served', 'accepted', 'not_yet'].indexOf(standing)
const value = ({ kind }: Flag): string => (kind === 'switch' ? '' : ` ${kind}`)
const standard = (flag: Flag): string => (flag.standard === '' ? '' : ` (default: ${flag.standard})`)
const cell = (text: string): string => text.replaceAll('|', '\\|')
