import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../bin/millrace.js', import.meta.url))
const START_LIMIT_MS = 20_000

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** A running `millrace` with what it has printed so far. */
export type RoleProcess = {
  readonly child: ChildProcess
  readonly out: () => string
  readonly log: () => string
  /** Waits until the log holds a text. */
  logged(text: string): Promise<void>
  /** Asks it to stop and waits for its end. */
  stop(): Promise<Ended>
}

const environment = (home: string, more: Readonly<Record<string, string>> = {}) => ({
  PATH: process.env.PATH,
  HOME: home,
  ...more,
})

/** Starts `millrace` with a home of its own; does not wait for anything. */
export function spawnRole(
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RoleProcess & { readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: home, env: environment(home, env) })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk
  })
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })))
  return {
    child,
    ended,
    out: () => out,
    log: () => err,
    logged: (text) =>
      until(
        () => err.includes(text),
        `${args[0]} to log ${JSON.stringify(text)}`,
        () => err,
      ),
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** Starts a role and waits until it is up; throws what it printed when it ends instead. */
export async function startRole(
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RoleProcess> {
  const role = spawnRole(home, args, env)
  let over = false
  void role.ended.then(() => {
    over = true
  })
  try {
    await until(() => over || role.out().includes(' is up: '), `${args[0]} to start`, role.log)
  } catch (error) {
    role.child.kill('SIGKILL')
    throw error
  }
  if (over) throw new Error(`millrace ${args.join(' ')} ended: ${role.log()}`)
  return role
}

/** Runs `millrace` to its end. */
export const runToEnd = (home: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnRole(home, args, env).ended

async function until(condition: () => boolean, what: string, log: () => string): Promise<void> {
  const began = Date.now()
  while (!condition()) {
    if (Date.now() - began > START_LIMIT_MS) throw new Error(`waited in vain for ${what}: ${log().slice(-2_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
