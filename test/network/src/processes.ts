import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type ProcessInfo = { readonly pid: number; readonly parent: number; readonly command: string }

/** All processes below one, children and theirs; Linux only. */
export function descendants(pid: number): readonly ProcessInfo[] {
  const all = readdirSync('/proc').flatMap((name): ProcessInfo[] => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      return [{ pid: Number(name), parent, command }]
    } catch {
      return []
    }
  })
  const below = (parent: number): ProcessInfo[] =>
    all.filter((p) => p.parent === parent).flatMap((p) => [p, ...below(p.pid)])
  return below(pid)
}

/** True while the process runs; one that ended and was not yet collected by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
  } catch {
    return false
  }
}

/** Where a program is on the PATH. */
export const programPath = (name: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

/** Runs a program to its end and gives what it wrote. */
export function output(
  program: string,
  args: readonly string[],
): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
  return { stdout, stderr, status }
}
