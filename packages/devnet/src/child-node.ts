import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { errorText, type Log, MillraceError } from '@millrace/base'
import { type EventHub, encodeNodeConfig, type NodeConfig } from '@millrace/node'
import type { NodeEvent } from '@millrace/wire'
import { configPath } from './network-plan.ts'

const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 2_500

/** A node in a process of its own: started with a configuration file, told of by its event stream. */
export class ChildNode {
  readonly config: NodeConfig
  readonly #process: ChildProcess
  readonly #hub: EventHub
  readonly #log: Log
  readonly #following = new AbortController()
  #stopping = false

  private constructor(config: NodeConfig, process: ChildProcess, deps: { readonly hub: EventHub; readonly log: Log }) {
    this.config = config
    this.#process = process
    this.#hub = deps.hub
    this.#log = deps.log
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get operatorUrl(): string {
    const { host, port } = this.config.operator
    return `http://${host}:${port}`
  }

  /** Starts the process and waits until the node is up; a node that fails to start gives its own error. */
  static async start(
    config: NodeConfig,
    options: { readonly program: string; readonly logFile: string; readonly onExit: (error: MillraceError) => void },
    deps: { readonly hub: EventHub; readonly log: Log },
  ): Promise<ChildNode> {
    const path = configPath(config)
    await writeFile(path, encodeNodeConfig(config), { mode: 0o600 })
    const child = spawn(process.execPath, [options.program, 'run', path, '--log-file', options.logFile], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // In a group of its own: Ctrl-C in a terminal goes to a whole group, but nodes stop in order. They end when this process is gone.
      detached: true,
    })
    const node = new ChildNode(config, child, deps)
    await node.#started(options)
    void node.#follow()
    return node
  }

  /** Asks the node to stop, and ends it when it does not. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return this.#following.abort()
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()))
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_LIMIT_MS)
    await ended
    clearTimeout(timer)
    this.#following.abort()
  }

  /** Ends the process at once with SIGKILL. */
  async kill(): Promise<void> {
    this.#stopping = true
    const ended = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()))
    this.#process.kill('SIGKILL')
    await ended
    this.#following.abort()
    this.#hub.teller(this.config.nodeId)({ type: 'node_stopped' })
  }

  #started(options: { readonly logFile: string; readonly onExit: (error: MillraceError) => void }): Promise<void> {
    const { logFile, onExit } = options
    const child = this.#process
    let errors = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-4_000)
    })
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        reject(
          new MillraceError(
            'node_start_timeout',
            `${this.config.nodeId} did not start within ${START_LIMIT_MS / 1000} s: see ${logFile}`,
          ),
        )
      }, START_LIMIT_MS)
      child.once('error', reject)
      child.once('message', () => {
        clearTimeout(timer)
        resolve()
      })
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        const lastLine = errors.trim().split('\n').at(-1) ?? ''
        const error = new MillraceError(
          'node_ended',
          `${this.config.nodeId} ended (${signal ?? code}): ${lastLine || `see ${logFile}`}`,
        )
        reject(error)
        if (!this.#stopping) onExit(error)
      })
    })
  }

  /** Passes the node's events on to this process's hub; comes back after a break. */
  async #follow(): Promise<void> {
    const { signal } = this.#following
    let first = true
    while (!signal.aborted) {
      try {
        const response = await fetch(`${this.operatorUrl}/events?replay=${first}`, { signal })
        first = false
        for await (const event of nodeEvents(response)) this.#hub.publish(event)
      } catch (error) {
        if (!signal.aborted)
          this.#log.debug('the events of a node broke off', { node: this.config.nodeId, error: errorText(error) })
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** The node events of a server-sent event stream. */
async function* nodeEvents(response: Response): AsyncGenerator<NodeEvent> {
  if (!response.body) return
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const message = text.slice(0, end)
      text = text.slice(end + 2)
      const data = /^event: node\ndata: (.*)$/s.exec(message)?.[1]
      if (data) yield JSON.parse(data) as NodeEvent
    }
  }
}
