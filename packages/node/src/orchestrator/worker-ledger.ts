import { type Clock, errorText, type Log, type Part, type Pixels, systemClock } from '@millrace/base'

/** What one worker has done for this orchestrator; a remote one is known by its network address, all of an address count together. */
export type WorkerAccount = {
  readonly account: string
  readonly segments: number
  /** Tasks that the worker took and did not bring back. */
  readonly failed: number
  /** Encoded pixels, as gateways were charged for them. */
  readonly pixels: Pixels
  /** Its part of the pixels of all workers, from 0 to 1. */
  readonly share: number
  /** Time that its tasks took, with the way there and back. */
  readonly busyMs: number
  readonly lastAtMs: number
}

export type WorkerLedgerDeps = {
  /** Where it is kept over restarts. */
  readonly kept: { get(key: string): string | undefined; set(key: string, value: string): void }
  readonly log: Log
  readonly clock?: Clock
}

const KEY = 'workerLedger'
const SAVE_EVERY_MS = 10_000
/** Whoever has not worked for the longest time is forgotten first. */
const MAX_ACCOUNTS = 1_000

type Row = { segments: number; failed: number; pixels: bigint; busyMs: number; lastAtMs: number }

/** Counts what each worker of an orchestrator does. It is written every 10 s and at the end: a crash loses as much. */
export class WorkerLedger implements Part {
  readonly name = 'worker-ledger'
  readonly #deps: WorkerLedgerDeps
  readonly #clock: Clock
  readonly #rows: Map<string, Row>
  #changed = false
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(deps: WorkerLedgerDeps) {
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    this.#rows = read(deps.kept.get(KEY), deps.log)
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#save(), SAVE_EVERY_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#save()
  }

  done(account: string, work: { readonly pixels: Pixels; readonly elapsedMs: number }): void {
    const row = this.#row(account)
    row.segments++
    row.pixels += work.pixels
    row.busyMs += Math.max(0, Math.round(work.elapsedMs))
  }

  failed(account: string): void {
    this.#row(account).failed++
  }

  /** All accounts, most pixels first. */
  accounts(): readonly WorkerAccount[] {
    const all = [...this.#rows.values()].reduce((sum, { pixels }) => sum + pixels, 0n)
    return [...this.#rows]
      .map(([account, row]) => ({
        account,
        ...row,
        share: all === 0n ? 0 : Number((row.pixels * 1_000_000n) / all) / 1e6,
      }))
      .sort((a, b) => (a.pixels === b.pixels ? 0 : a.pixels < b.pixels ? 1 : -1))
  }

  #row(account: string): Row {
    const row = this.#rows.get(account) ?? { segments: 0, failed: 0, pixels: 0n, busyMs: 0, lastAtMs: 0 }
    row.lastAtMs = this.#clock.now()
    // The map's order is that of their last work.
    this.#rows.delete(account)
    this.#rows.set(account, row)
    const [oldest] = this.#rows.keys()
    if (this.#rows.size > MAX_ACCOUNTS && oldest !== undefined) this.#rows.delete(oldest)
    this.#changed = true
    return row
  }

  #save(): void {
    if (!this.#changed) return
    const rows = [...this.#rows].map(([account, row]) => ({ account, ...row, pixels: row.pixels.toString() }))
    try {
      this.#deps.kept.set(KEY, JSON.stringify(rows))
      this.#changed = false
    } catch (error) {
      this.#deps.log.warn('the ledger of workers could not be written, trying again', { error: errorText(error) })
    }
  }
}

function read(text: string | undefined, log: Log): Map<string, Row> {
  try {
    const rows = JSON.parse(text ?? '[]') as readonly (Omit<Row, 'pixels'> & { account: string; pixels: string })[]
    return new Map(rows.map(({ account, pixels, ...row }) => [account, { ...row, pixels: BigInt(pixels) }]))
  } catch (error) {
    log.warn('the ledger of workers cannot be read and begins anew', { error: errorText(error) })
    return new Map()
  }
}
