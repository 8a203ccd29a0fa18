import { defineCommand, runMain } from 'citty'
import { OPERATOR_COMMANDS } from './commands/operator/names.ts'
import { asRoleCommand, ROLE_DESCRIPTIONS } from './commands/role-command.ts'
import { ROLES } from './flags/flag.ts'
import { reportAndExit } from './report.ts'
import { keepYoungGenerationSmall } from './young-generation.ts'

// Each command is loaded when it is run: a worker starts without the code of chains and networks.
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
  subCommands: {
    up: () => import('./commands/up.ts').then(({ up }) => up),
    transcode: () => import('./commands/transcode.ts').then(({ transcode }) => transcode),
    // Listed here; their flags are those of go-livepeer, so their lines are read by `runRole` before this parser sees them.
    ...Object.fromEntries(
      ROLES.map((role) => [role, defineCommand({ meta: { name: role, description: ROLE_DESCRIPTIONS[role] } })]),
    ),
    doctor: defineCommand({
      meta: {
        name: 'doctor',
        description: 'Look at the set-up of a role: the same flags, and what is wrong with them',
      },
    }),
    bench: defineCommand({
      meta: { name: 'bench', description: 'Measure what transcoding costs on this machine, as livepeer_bench does' },
    }),
    tester: () => import('./commands/tester.ts').then(({ tester }) => tester),
    run: () => import('./commands/run.ts').then(({ run }) => run),
    ...operatorCommands,
  },
})

/** Runs the command line; errors end it with one clear sentence and a status other than 0. */
export async function main(args: readonly string[]): Promise<void> {
  process.on('uncaughtException', reportAndExit)
  process.on('unhandledRejection', reportAndExit)
  if (args[0] === 'doctor') return examine(args.slice(1))
  if (args[0] === 'bench') return measure(args.slice(1))
  if (args[0] === 'gateway' && args[1] === 'plan') return planGateway(args.slice(2))
  const command = asRoleCommand(args)
  if (command || args[0] === 'run') keepYoungGenerationSmall()
  if (command) {
    const { runRole } = await import('./commands/role.ts')
    return runRole(command.role, command.rest)
  }
  await runMain(program, { rawArgs: args[0] === '-help' ? ['--help'] : [...args] })
}

async function examine(args: readonly string[]): Promise<void> {
  try {
    const { runDoctor } = await import('./commands/doctor/doctor.ts')
    // Connections and engines may still be closing; the verdict is out.
    process.exit(await runDoctor(args, { environment: process.env, terminal: process.stdout }))
  } catch (error) {
    reportAndExit(error)
  }
}

async function measure(args: readonly string[]): Promise<void> {
  try {
    const { runBench } = await import('./commands/bench/bench.ts')
    await runBench(args, { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) })
  } catch (error) {
    reportAndExit(error)
  }
}

async function planGateway(args: readonly string[]): Promise<void> {
  try {
    const { runGatewayPlan } = await import('./commands/plan.ts')
    await runGatewayPlan(args, { environment: process.env, write: (text) => process.stdout.write(text) })
  } catch (error) {
    reportAndExit(error)
  }
}
