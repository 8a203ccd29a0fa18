import { MillraceError } from '@millrace/base'
import { type ArgsDef, type CommandDef, defineCommand } from 'citty'
import { reporting } from '../../report.ts'
import { refuseUnknownFlags } from '../../unknown-flags.ts'
import { Asker, processTerminal, type Terminal } from './ask.ts'
import { OperatorClient } from './operator-client.ts'

/** The usual ports of go-livepeer's roles. */
export const ORCHESTRATOR_PORT = 7935
export const GATEWAY_PORT = 5935

/** What a command found out: sentences for a person, facts for a script. */
export type Outcome = { readonly lines: readonly string[]; readonly facts: Readonly<Record<string, unknown>> }

/** What a command is about to do, in sentences, and the doing of it. Nothing to confirm where `will` is empty. */
export type Plan = { readonly will: readonly string[]; run(): Promise<Outcome> }

export type PlanCall = {
  readonly client: OperatorClient
  readonly ask: Asker
  /** An argument as it was given. */
  given(name: string): string | undefined
  /** True for a flag that was set. */
  flag(name: string): boolean
}

export type OperatorCommandOptions = {
  readonly name: string
  readonly description: string
  /** The port of the role that the command is for. */
  readonly port: number
  readonly args?: ArgsDef
  plan(call: PlanCall): Promise<Plan>
}

/** Where a command asks and tells. */
export type CommandIo = { readonly terminal: Terminal; write(text: string): void }

/** Arguments by name, as they were given. */
export type CommandValues = Readonly<Record<string, unknown>>

export type OperatorCommand = CommandDef<ArgsDef> & {
  /** Does what the command does, without the program around it. */
  perform(values: CommandValues, io: CommandIo): Promise<void>
}

/** A command over the operator's port of a node: it finds out what is missing, says what will happen, and does it. */
export function operatorCommand(options: OperatorCommandOptions): OperatorCommand {
  const args: ArgsDef = {
    ...options.args,
    http: { type: 'string', description: `The node's operator port (default ${options.port})` },
    host: { type: 'string', description: "The node's host (default 127.0.0.1)" },
    json: { type: 'boolean', description: 'Print the outcome as JSON and ask nothing' },
    yes: { type: 'boolean', description: 'Do it without asking' },
  }
  const command = defineCommand({
    meta: { name: options.name, description: options.description },
    args,
    run: reporting(async ({ args: given, rawArgs }) => {
      refuseUnknownFlags(rawArgs, args)
      const write = (text: string) => void process.stdout.write(text)
      await perform(options, given as CommandValues, { terminal: processTerminal(), write })
    }),
  })
  return Object.assign(command, { perform: (values: CommandValues, io: CommandIo) => perform(options, values, io) })
}

async function perform(options: OperatorCommandOptions, values: CommandValues, io: CommandIo): Promise<void> {
  const text = (name: string) => (typeof values[name] === 'string' ? (values[name] as string) : undefined)
  const flag = (name: string) => values[name] === true
  const { terminal } = io
  const client = new OperatorClient({ host: text('host') ?? '127.0.0.1', port: readPort(text('http'), options) })
  const ask = new Asker({ ...terminal, interactive: terminal.interactive && !flag('json') })
  const plan = await options.plan({ client, ask, given: text, flag })
  if (plan.will.length > 0 && !flag('yes')) await ask.confirm(plan.will)
  const { lines, facts } = await plan.run()
  if (flag('json')) io.write(`${JSON.stringify(facts, decimals)}\n`)
  else for (const line of lines) io.write(`${line}\n`)
}

function readPort(given: string | undefined, { port }: OperatorCommandOptions): number {
  const wanted = given === undefined ? port : Number(given)
  if (Number.isInteger(wanted) && wanted > 0 && wanted < 65_536) return wanted
  throw new MillraceError('bad_port', `--http must be a port, from 1 to 65535, not ${given?.slice(0, 40)}`)
}

/** Amounts are decimal strings in JSON. */
const decimals = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value)
