import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { errorText, fromHex, type Log, MillraceError, type Part } from '@millrace/base'
import { diskError, writeFileAtomic } from '@millrace/base/node'

export type EmbeddedChainOptions = {
  /** Where the chain's state is kept between runs. */
  readonly folder: string
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly chainId: number
  /** The state that a chain without history starts from, as anvil writes it (JSON). */
  readonly genesis: () => Promise<Uint8Array>
  readonly blockTimeMs?: number
  /** How often the state is written to disk; a large state is written less often. */
  readonly dumpEveryMs?: number
}

const STATE = 'state.json'
const PREVIOUS = 'state.previous.json'

/**
 * An Ethereum chain of this machine: anvil from its npm package, one block a second, its state kept on disk.
 * The state is dumped every second and the dump before it kept, so that a crash loses at most about a second of blocks.
 */
export class EmbeddedChain implements Part {
  readonly name = 'embedded-chain'
  readonly #options: EmbeddedChainOptions
  readonly #log: Log
  #process: ChildProcess | undefined
  #port: number
  #stopping = false
  #dumping: Promise<void> | undefined
  #lastDump: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #onDeath: ((error: MillraceError) => void) | undefined

  constructor(
    options: EmbeddedChainOptions,
    deps: { readonly log: Log; readonly onDeath?: (error: MillraceError) => void },
  ) {
    this.#options = options
    this.#log = deps.log
    this.#port = options.port
    this.#onDeath = deps.onDeath
  }

  get url(): string {
    return `http://${this.#options.host}:${this.#port}`
  }

  /** The process id of anvil, for figures. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Starts anvil and waits until it answers; throws `port_in_use`, `no_anvil` or `chain_failed`. */
  async start(): Promise<void> {
    const { folder } = this.#options
    const binary = findAnvil()
    if (!binary)
      throw new MillraceError(
        'no_anvil',
        'there is no anvil for this platform: put an `anvil` on the PATH, name a chain with --eth-url, or start with --offchain',
      )
    try {
      await mkdir(folder, { recursive: true })
    } catch (cause) {
      throw diskError(cause, folder)
    }
    await killStale(join(folder, 'anvil.pid'))
    this.#stopping = false
    let lastError: unknown
    for (const name of [STATE, PREVIOUS]) {
      const path = join(folder, name)
      if (!existsSync(path)) continue
      try {
        await this.#launch(binary, path)
        // A damaged dump would take the place of the good one at the next save.
        if (name === PREVIOUS) await rm(join(folder, STATE), { force: true })
        return
      } catch (error) {
        if (error instanceof MillraceError && error.code === 'port_in_use') throw error
        lastError = error
        this.#log.warn('the saved chain state cannot be loaded', { file: name, error: errorText(error) })
      }
    }
    if (lastError !== undefined)
      throw new MillraceError(
        'chain_state_damaged',
        `the saved chain state in ${folder} cannot be loaded: start anew with --fresh`,
        { cause: lastError },
      )
    const path = join(folder, STATE)
    await writeFileAtomic(path, await this.#options.genesis())
    await this.#launch(binary, path)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.#process
    if (!child || child.exitCode !== null) return
    await this.#dumping
    try {
      await this.dump()
    } catch (error) {
      this.#log.warn('the chain state could not be saved', { error: errorText(error) })
    }
    await kill(child)
    this.#process = undefined
    await rm(join(this.#options.folder, 'anvil.pid'), { force: true })
  }

  /** Ends anvil at once, as a crash would: nothing is saved. */
  async crash(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    if (this.#process) await kill(this.#process)
    this.#process = undefined
  }

  /** Writes the state to disk; the dump before it is kept beside. One after the other, because they share the files. */
  dump(): Promise<void> {
    const dump = this.#lastDump.then(() => this.#dump())
    this.#lastDump = dump.catch(() => {})
    return dump
  }

  async #dump(): Promise<void> {
    const hex = await this.#rpc<string>('anvil_dumpState', [])
    const state = gunzipSync(fromHex(hex))
    const path = join(this.#options.folder, STATE)
    const temporary = `${path}.tmp`
    try {
      await writeFile(temporary, state, { mode: 0o600 })
      if (existsSync(path)) await rename(path, join(this.#options.folder, PREVIOUS))
      await rename(temporary, path)
    } catch (cause) {
      await rm(temporary, { force: true })
      throw diskError(cause, path)
    }
  }

  async #launch(binary: string, statePath: string): Promise<void> {
    const { host, chainId, blockTimeMs = 1_000, folder } = this.#options
    const child = spawn(
      binary,
      [
        ...['--host', host, '--port', String(this.#options.port), '--chain-id', String(chainId)],
        ...['--block-time', String(blockTimeMs / 1000), '--block-base-fee-per-gas', '0', '--gas-price', '1'],
        ...['--disable-min-priority-fee', '--accounts', '0', '--prune-history', '600', '--load-state', statePath],
      ],
      // In a group of its own: Ctrl-C in a terminal goes to a whole group, and the chain must outlive the nodes that stop.
      { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    )
    this.#process = child
    let errors = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-2_000)
    })
    const listening = new Promise<number>((resolve, reject) => {
      let text = ''
      const onOut = (chunk: Buffer) => {
        text = (text + chunk.toString()).slice(-4_000)
        const match = /Listening on [\d.]+:(\d+)/.exec(text)
        if (match) resolve(Number(match[1]))
      }
      child.stdout?.on('data', onOut)
      child.once('error', reject)
      child.once('exit', () => {
        const port = this.#options.port
        if (/address already in use|os error 98|os error 48/i.test(errors + text))
          reject(
            new MillraceError(
              'port_in_use',
              `port ${port} is in use by another program: free it or choose another with --chain-port`,
              {
                meta: { port, flag: '--chain-port' },
              },
            ),
          )
        else reject(new MillraceError('chain_failed', `anvil did not start: ${lastLine(errors || text)}`))
      })
    })
    this.#port = await listening
    child.stdout?.removeAllListeners('data')
    child.stdout?.resume()
    if (child.pid !== undefined) {
      endWithThisProcess(child, child.pid)
      await writeFile(join(folder, 'anvil.pid'), String(child.pid))
    }
    child.once('exit', (code, signal) => {
      if (this.#stopping) return
      clearTimeout(this.#timer)
      this.#onDeath?.(
        new MillraceError('chain_failed', `the embedded chain ended (${signal ?? code}): ${lastLine(errors)}`),
      )
    })
    this.#schedule(this.#options.dumpEveryMs ?? 1_000)
  }

  #schedule(pauseMs: number): void {
    this.#timer = setTimeout(() => {
      const began = performance.now()
      this.#dumping = this.dump()
        .catch((error) => {
          if (!this.#stopping) this.#log.warn('the chain state could not be saved', { error: errorText(error) })
        })
        .then(() => {
          // A long history takes long to dump: at most a twentieth of the time goes into saving.
          if (!this.#stopping)
            this.#schedule(Math.max(this.#options.dumpEveryMs ?? 1_000, 20 * (performance.now() - began)))
        })
    }, pauseMs)
    this.#timer.unref()
  }

  async #rpc<T>(method: string, params: readonly unknown[]): Promise<T> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(10_000),
    })
    const answer = (await response.json()) as { result?: T; error?: { message: string } }
    if (answer.result === undefined)
      throw new MillraceError('chain_failed', `${method}: ${answer.error?.message ?? 'no result'}`)
    return answer.result
  }
}

/** The anvil of the npm package for this platform, else one on the PATH. */
export function findAnvil(): string | undefined {
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'win32' }[process.platform as string]
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  const executable = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  try {
    const require = createRequire(import.meta.url)
    const parent = createRequire(require.resolve('@foundry-rs/anvil/package.json'))
    return parent.resolve(`@foundry-rs/anvil-${platform}-${arch}/bin/${executable}`)
  } catch {
    const folders = (process.env.PATH ?? '').split(delimiter)
    return folders.map((folder) => join(folder, executable)).find((path) => existsSync(path))
  }
}

/**
 * Has anvil end when this process does, even by SIGKILL: a shell waits for its standard input to close, and then kills anvil.
 * Where there is no shell, the next start of the same folder does it.
 */
function endWithThisProcess(child: ChildProcess, pid: number): void {
  if (process.platform === 'win32') return
  const script = 'while read -r line; do :; done; kill -9 "$1"'
  const guard = spawn('/bin/sh', ['-c', script, 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.on('error', () => {})
  guard.stdin?.on('error', () => {})
  guard.unref()
  // The number may belong to another process soon, so the guard must not outlive anvil.
  child.once('exit', () => guard.kill('SIGKILL'))
}

/** Ends an anvil that a killed run of this folder left behind. */
async function killStale(pidFile: string): Promise<void> {
  let pid: number
  try {
    pid = Number(await readFile(pidFile, 'utf8'))
    const name = await readFile(`/proc/${pid}/comm`, 'utf8')
    if (name.trim() !== 'anvil') return
    process.kill(pid, 'SIGKILL')
  } catch {
    return
  }
  for (let i = 0; i < 100 && existsSync(`/proc/${pid}`); i++) await new Promise((resolve) => setTimeout(resolve, 20))
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    // The state is saved already; SIGKILL keeps anvil from writing anything of its own.
    child.kill('SIGKILL')
  })
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? 'no message'
