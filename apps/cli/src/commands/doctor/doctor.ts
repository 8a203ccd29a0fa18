import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorText } from '@millrace/base'
import { ROLES, type Role } from '../../flags/flag.ts'
import type { Flags } from '../../flags/flags.ts'
import { type Environment, readFlags } from '../../flags/read-flags.ts'
import { dataFolderOf, nodeConfigOf } from '../../roles/node-config.ts'
import { rolesOf } from '../../roles/roles-of.ts'
import { takeOwnFlags } from '../own-flags.ts'
import { checksOf, nodeCheck } from './checks.ts'
import type { Check, Finding } from './finding.ts'
import { renderFindings } from './render.ts'
import { runChecks } from './run-checks.ts'
import { Subject } from './subject.ts'

const OWN = { json: 'switch' } as const
const WIDTH_WITHOUT_TERMINAL = 120

const HELP = `millrace doctor [ROLE] [flags of the role] [--json]

Looks at everything that the role needs, and says what is wrong and what to do. Starts nothing and leaves nothing behind.
ROLE is ${ROLES.join(', ')}; -orchestrator, -transcoder and so on do as well. Ends with status 1 when something failed.

  --json   print the findings as JSON
`

/** Where a diagnosis is told. */
export type DoctorIo = {
  readonly environment: Environment
  readonly terminal: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown }
}

/**
 * `millrace doctor`: looks at the set-up that a role's command line describes, without starting it and without leaving anything behind.
 * Returns the exit status: 1 when something failed.
 */
export async function runDoctor(args: readonly string[], io: DoctorIo): Promise<0 | 1> {
  const { own, rest } = takeOwnFlags(args, OWN)
  if (rest.some((word) => /^--?h(elp)?$/.test(word))) {
    io.terminal.write(HELP)
    return 0
  }
  const findings = await diagnose(rest, io.environment)
  const isSick = findings.some(({ verdict }) => verdict === 'failed')
  const { terminal } = io
  if (own.json === 'true') terminal.write(`${JSON.stringify({ ok: !isSick, findings })}\n`)
  else {
    const colour = terminal.isTTY === true && io.environment.NO_COLOR === undefined
    const width = terminal.columns ?? WIDTH_WITHOUT_TERMINAL
    terminal.write(`${renderFindings(findings, { colour, width }).join('\n')}\n`)
  }
  return isSick ? 1 : 0
}

/** Everything that is found about a role's command line. Never throws. */
export async function diagnose(args: readonly string[], environment: Environment): Promise<readonly Finding[]> {
  let subject: Subject
  try {
    subject = await subjectOf(args, environment)
  } catch (error) {
    const commandLine: Check = {
      name: 'command line',
      run: async () => ({
        verdict: 'failed',
        found: errorText(error),
        advice: 'put this right first: the rest hangs on it',
      }),
    }
    return runChecks([nodeCheck, commandLine])
  }
  return runChecks(checksOf(subject))
}

/** The set-up of a role's command line. Throws as `readFlags`, `rolesOf` and `nodeConfigOf` do. */
export async function subjectOf(args: readonly string[], environment: Environment): Promise<Subject> {
  const role = ROLES.find((name) => name === args[0])
  const flags = readFlags(role ? args.slice(1) : args, environment)
  const roles = rolesOf(role, flags)
  const data = dataFolderOf(flags)
  return new Subject({ roles, config: await configOf(roles, flags, data), dataFolder: data })
}

/** An orchestrator keeps a secret for its workers in its folder: here it is made in one that is thrown away. */
async function configOf(roles: readonly Role[], flags: Flags, data: string) {
  const node = mkdtempSync(join(tmpdir(), 'millrace-doctor-'))
  try {
    return await nodeConfigOf(roles, flags, { data, node })
  } finally {
    rmSync(node, { recursive: true, force: true })
  }
}
