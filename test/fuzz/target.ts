import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutated } from './mutate.ts'
import { Random, seedOf } from './random.ts'
import type { Watchdog } from './watchdog.ts'

/** One door that a stranger's bytes come through. */
export type Target = {
  readonly name: string
  /** Valid messages; called anew for every stretch of a run. */
  samples(seed: number): readonly Uint8Array[]
  /** Words of the format that mutations put in. */
  readonly words?: readonly string[]
  /** Takes the bytes as the door does; throws where the door would, and `Broken` where a message does not come back as it was. */
  take(input: Uint8Array): void | Promise<void>
  /** True where nothing is refused by an error: the door drops what it cannot use, or answers it with a status. */
  readonly takesAll?: true
  /** True for the errors that the door may throw. */
  isOwn(error: unknown): boolean
  /** Starts what the door needs; resolves with what stops it. */
  open?(): Promise<() => Promise<void>>
}

/** A message that was taken and does not come back as it was, or a door that stayed shut afterwards. */
export class Broken extends Error {}

export type Fault = { readonly target: string; readonly seed: number; readonly hex: string; readonly why: string }
export type Counts = { cases: number; taken: number; refused: number }

const CORPUS = fileURLToPath(new URL('corpus', import.meta.url))
/** Processor time that one input of at most 64 KB may take. */
const MAX_CPU_MS = 1_000
/** Memory that it may leave behind or hold at its end. */
const MAX_GROWTH = 64 << 20

/** Hands inputs to a door until the time is over; stops at the first fault, which is kept as a file of the corpus. */
export async function fuzz(
  target: Target,
  options: {
    readonly seed: number
    readonly round: number
    readonly ms: number
    /** Inputs at least, however long they take. */
    readonly atLeast?: number
    readonly watchdog: Watchdog
  },
  counts: Counts,
): Promise<Fault | undefined> {
  const seed = seedOf(options.seed, target.name, options.round)
  const random = new Random(seed)
  const context = { samples: target.samples(seed), words: (target.words ?? []).map((word) => Buffer.from(word)) }
  const until = performance.now() + options.ms
  for (let given = 0; performance.now() < until || given < (options.atLeast ?? 0); given++) {
    const input = mutated(random, context)
    options.watchdog.begin(target.name, input)
    const why = await judge(target, input, counts)
    options.watchdog.end()
    if (why === undefined) continue
    const fault = { target: target.name, seed: options.seed, hex: Buffer.from(input).toString('hex'), why }
    keep(fault)
    return fault
  }
  return undefined
}

/** Hands one input to a door; a sentence when the door broke its promise. */
export async function judge(target: Target, bytes: Uint8Array, counts: Counts): Promise<string | undefined> {
  counts.cases++
  // A plain array of its own, because parts of a Buffer are Buffers, which equal no other array.
  const input = Uint8Array.from(bytes)
  const before = memory()
  const began = process.cpuUsage()
  try {
    // Most doors answer at once, and waiting for those would cost more than they do.
    const taking = target.take(input)
    if (taking) await taking
    counts.taken++
  } catch (error) {
    if (error instanceof Broken) return error.message
    if (!target.isOwn(error)) return `it threw ${error instanceof Error ? error.stack : String(error)}`
    counts.refused++
  }
  const { user, system } = process.cpuUsage(began)
  if (user + system > MAX_CPU_MS * 1_000) return `it took ${Math.round((user + system) / 1_000)} ms of processor time`
  const grown = memory() - before
  return grown > MAX_GROWTH ? `it took ${Math.round(grown / (1 << 20))} MB` : undefined
}

const memory = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Where the inputs of a door are kept that once broke it. */
export const corpusOf = (target: string): string => join(CORPUS, target)

function keep({ target, hex }: Fault): void {
  const name = createHash('sha256').update(hex).digest('hex').slice(0, 12)
  mkdirSync(corpusOf(target), { recursive: true })
  writeFileSync(join(corpusOf(target), `${name}.hex`), `${hex}\n`)
}
