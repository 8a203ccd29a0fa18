import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

/** Runs `ip`; throws with what it said. */
function ip(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('ip', [...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
}

/** Why this machine has no network namespaces for tests; undefined when it has. */
export function whyNoNamespaces(): string | undefined {
  const name = `mrtry${process.pid}`
  try {
    ip('netns', 'add', name)
    ip('netns', 'del', name)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** A network of its own for one process, joined to this machine by a cable that can be pulled out. */
export class NetworkNamespace implements Disposable {
  /** The address of what runs inside. */
  readonly address: string
  readonly #name: string
  readonly #cable: string
  readonly #children: ChildProcess[] = []

  /** `subnet` is the third number of the address; two namespaces must not have the same. */
  constructor(subnet: number) {
    this.#name = `mr${process.pid}-${subnet}`
    // A name of an interface has at most 15 letters.
    this.#cable = `mr${process.pid % 100_000}x${subnet}`
    this.address = `10.213.${subnet}.2`
    const inside = `${this.#cable}i`
    ip('netns', 'add', this.#name)
    try {
      ip('link', 'add', this.#cable, 'type', 'veth', 'peer', 'name', inside, 'netns', this.#name)
      ip('addr', 'add', `10.213.${subnet}.1/24`, 'dev', this.#cable)
      ip('link', 'set', this.#cable, 'up')
      for (const args of [
        ['addr', 'add', `${this.address}/24`, 'dev', inside],
        ['link', 'set', inside, 'up'],
        ['link', 'set', 'lo', 'up'],
      ])
        ip('-n', this.#name, ...args)
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** Starts a program inside. */
  spawn(program: string, args: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#name, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout?.resume()
    child.stderr?.resume()
    this.#children.push(child)
    return child
  }

  /** Pulls the cable out: packets go nowhere, and nobody is told. */
  pull(): void {
    ip('link', 'set', this.#cable, 'down')
  }

  plug(): void {
    ip('link', 'set', this.#cable, 'up')
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGKILL')
    spawnSync('ip', ['link', 'del', this.#cable])
    spawnSync('ip', ['netns', 'del', this.#name])
  }
}
