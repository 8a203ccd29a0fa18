import { AsyncQueue, type Clock, MillraceError } from '@millrace/base'

export type AttemptOptions = {
  /** Attempts that one segment may cost, hedges among them. */
  readonly maxAttempts: number
  /** After so long nobody is waited for. */
  readonly giveUpMs: number
  readonly signal: AbortSignal
}

export type Attempt = {
  /** Counts from 1. */
  readonly number: number
  /** Aborts with `hedge_lost` when another attempt won, with `deadline` when the time is over. */
  readonly signal: AbortSignal
  /** To be called once it is known who is asked: after so many milliseconds the attempt counts as late. */
  late(afterMs: number): void
  /** To be called when the answer is here: what is still done with it makes nobody late. */
  answered(): void
}

export type AttemptDeps<T> = {
  readonly clock: Clock
  /** One attempt: its result, an error, or undefined when nobody is left to ask. */
  readonly run: (attempt: Attempt) => Promise<T | undefined>
  /** Whether a second one may be asked while the first still works. */
  readonly mayHedge: () => boolean
  /** True for failures that every other attempt would meet as well. */
  readonly isFinal: (error: unknown) => boolean
}

export type AttemptsResult<T> =
  | { readonly won: T; readonly attempts: number }
  | { readonly lost: 'nobody' | 'failed' | 'deadline'; readonly error: unknown; readonly attempts: number }

type Happened<T> =
  | { readonly type: 'won'; readonly by: AbortController; readonly value: T }
  | { readonly type: 'failed' | 'nobody'; readonly by: AbortController; readonly error?: unknown }
  | { readonly type: 'late'; readonly by: AbortController }
  | { readonly type: 'deadline' }

/** The reason by which an attempt learns that another one was first. */
export const HEDGE_LOST = 'hedge_lost'

/**
 * Runs attempts one after the other until one succeeds; one that is late gets company of the next, and the first good result wins.
 * At most two run at once, so that a slow network is asked twice and never more. Whatever still runs at the end is aborted.
 */
export async function runAttempts<T>(options: AttemptOptions, deps: AttemptDeps<T>): Promise<AttemptsResult<T>> {
  const { clock, run, mayHedge, isFinal } = deps
  const { maxAttempts, giveUpMs, signal } = options
  const inbox = new AsyncQueue<Happened<T>>({ capacity: 4 * maxAttempts + 2 })
  const timers = new AbortController()
  const running = new Set<AbortController>()
  let attempts = 0
  let exhausted = false
  let lastError: unknown

  const remind = (ms: number, what: Happened<T>, signal = timers.signal) =>
    void clock.sleep(ms, { signal: AbortSignal.any([timers.signal, signal]) }).then(
      () => inbox.push(what),
      () => {},
    )
  const begin = () => {
    const by = new AbortController()
    running.add(by)
    const waiting = new AbortController()
    const attempt: Attempt = {
      number: ++attempts,
      signal: AbortSignal.any([signal, by.signal]),
      late: (afterMs) => remind(afterMs, { type: 'late', by }, waiting.signal),
      answered: () => waiting.abort(),
    }
    void run(attempt).then(
      (value) => inbox.push(value === undefined ? { type: 'nobody', by } : { type: 'won', by, value }),
      (error) => inbox.push({ type: 'failed', by, error }),
    )
  }
  const end = (code: string, text: string) => {
    for (const by of running) by.abort(new MillraceError(code, text))
  }

  remind(giveUpMs, { type: 'deadline' })
  begin()
  try {
    for await (const happened of inbox) {
      if (happened.type === 'deadline') {
        end('deadline', `nobody delivered within ${giveUpMs} ms`)
        return { lost: 'deadline', error: lastError, attempts }
      }
      if (happened.type === 'late') {
        if (running.has(happened.by) && running.size === 1 && attempts < maxAttempts && !exhausted && mayHedge())
          begin()
        continue
      }
      running.delete(happened.by)
      if (happened.type === 'won') return { won: happened.value, attempts }
      if (happened.type === 'nobody') exhausted = true
      else lastError = happened.error
      if (signal.aborted) return { lost: 'deadline', error: signal.reason, attempts }
      if (happened.type === 'failed' && isFinal(happened.error))
        return { lost: 'failed', error: happened.error, attempts }
      if (running.size > 0) continue
      if (exhausted || attempts >= maxAttempts)
        return { lost: lastError === undefined ? 'nobody' : 'failed', error: lastError, attempts }
      begin()
    }
    throw new MillraceError('attempts_ended', 'the attempts ended without a result')
  } finally {
    end(HEDGE_LOST, 'another orchestrator delivered first')
    timers.abort()
    inbox.close()
  }
}
