import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const home = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a script of this package to its end and returns its exit status and what it printed. */
export function runScript(name: string, args: readonly string[] = []): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${home}scripts/${name}`, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, output: `${stdout}${stderr}` }
}

/** Whether forge runs here. Where it does not, what needs it is not run and says so; in CI that is a failure. */
export function hasForge(): boolean {
  if (runScript('forge.js', ['--version']).status === 0) return true
  if (process.env.CI) throw new Error('forge does not run here, and CI must run everything')
  process.stdout.write('NOT RUN: forge does not run here; npm package @foundry-rs/forge has it for some platforms\n')
  return false
}
