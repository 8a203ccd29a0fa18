// A chain and roles in processes of their own, each started by the command line that a user would type.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@millrace/base/node'
import { openStandingChain, writeKeyFile } from '@millrace/devnet/testing'

const ECHO = fileURLToPath(new URL('echo-worker.js', import.meta.url))
const PASSWORD = 'bench'
const START_MS = 30_000

export const at = async () => `127.0.0.1:${await freePort()}`

/** An embedded chain and an empty folder; `start` runs a role on it, `close` ends everything. */
export async function openProcesses(root) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const program = join(root, 'apps/cli/bin/millrace.js')
  const chain = await openStandingChain(folder)
  const children = []
  const run = (args) => {
    const child = spawn(process.execPath, args, { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk
      })
    const ended = new Promise((resolve) => child.once('close', resolve))
    children.push({ child, ended })
    return { pid: child.pid, ended, said: () => said }
  }
  return {
    folder,
    /** Starts `millrace ARGS` on the chain with the key of an account; resolves when it is up. */
    start: async (name, account, args) => {
      const data = join(folder, name)
      const key = account === undefined ? [] : ['-network', 'devnet', '-ethUrl', chain.url, '-ethPassword', PASSWORD]
      if (account !== undefined) await writeKeyFile(join(data, 'keystore'), account, PASSWORD)
      const role = run([program, ...args, '-dataDir', data, '-cliAddr', await at(), ...key])
      await until(() => role.said().includes(' is up: '), role, name)
      return role
    },
    /** Starts the worker that echoes. */
    echo: (orchestrator, secret, renditions, count) =>
      run([ECHO, `https://${orchestrator}`, secret, renditions, String(count)]),
    close: async () => {
      for (const { child } of children) child.kill('SIGKILL')
      await Promise.all(children.map(({ ended }) => ended))
      await chain.crash()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Waits for something a process does; throws what it said when it ends or takes too long. */
export async function until(condition, role, what) {
  let over = false
  void role.ended.then(() => {
    over = true
  })
  const deadline = Date.now() + START_MS
  while (!condition()) {
    if (over || Date.now() > deadline)
      throw new Error(`${what}: ${over ? 'ended' : 'in vain'}: ${role.said().slice(-1_500)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
