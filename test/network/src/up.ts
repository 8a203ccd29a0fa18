import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { NodeEvent } from '@millrace/wire'
import { until } from './ledger.ts'
import { type NetworkForm, PROGRAM } from './network-fixture.ts'

/** The program `millrace up` in a process group of its own, as a terminal starts it, with its events. */
export class Up implements AsyncDisposable {
  readonly won = new Set<string>()
  readonly #child: ChildProcess
  #errors = ''

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(form: NetworkForm, folder: string, offset: number): Promise<Up> {
    const processes = form === 'a process each' ? ['--processes'] : []
    const args = ['up', ...processes, '--json', '--source', 'none', '--preset', 'ultrafast']
    const child = spawn(process.execPath, [PROGRAM, ...args, '--data-dir', folder, '--port-offset', String(offset)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const up = new Up(child)
    child.stderr?.on('data', (chunk: Buffer) => {
      up.#errors += chunk.toString()
    })
    let gateway = false
    if (!child.stdout) throw new Error('there is no output')
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as NodeEvent
      if (event.type === 'node_started' && event.roles.includes('gateway')) gateway = true
      if (event.type === 'ticket_won') up.won.add(event.ticketHash)
    })
    try {
      await until('the gateway', () => gateway || child.exitCode !== null)
      if (!gateway) throw new Error(`millrace up ended: ${up.#errors}`)
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
    return up
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What the program wrote to its standard error. */
  get errors(): string {
    return this.#errors
  }

  /** Ctrl-C: SIGINT for every process of the group; resolves with the exit status. */
  async interrupt(): Promise<number | null> {
    const ended = once(this.#child, 'exit')
    process.kill(-this.pid, 'SIGINT')
    const [status] = (await ended) as [number | null]
    return status
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
  }
}
