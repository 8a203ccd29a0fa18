import { type Clock, errorText, type Log, type Part } from '@millrace/base'
import type { Address } from '@millrace/wire'
import type { ScoreBoard, TestRun } from './score-board.ts'

/** An orchestrator that is to be tested. */
export type Testee = { readonly serviceUri: string; readonly address: Address | undefined }

/** A segment of the clip. */
export type ClipSegment = { readonly data: Uint8Array; readonly hash: Uint8Array; readonly durationMs: number }

/** A stream to one orchestrator alone. */
export type TestStream = {
  /** Has one segment transcoded and checked; says what went wrong when nothing good came back. Never rejects. */
  send(
    segment: ClipSegment & { readonly seq: number },
    options: { readonly signal: AbortSignal },
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string }>
  close(): Promise<void>
}

export type TesterOptions = {
  /** In capitals, as -region of a gateway names it. */
  readonly region: string
  /** From the beginning of one round of tests to the next. */
  readonly intervalMs: number
}

export type TesterDeps = {
  readonly find: () => Promise<readonly Testee[]>
  readonly clip: () => Promise<readonly ClipSegment[]>
  readonly openStream: (testee: Testee) => TestStream
  readonly board: ScoreBoard
  readonly clock: Clock
  readonly log: Log
}

const MAX_MESSAGE = 300

/** Streams a short clip to every orchestrator on schedule, one after the other and at the speed of a clock, and keeps what came of it. */
export class Tester implements Part {
  readonly name = 'tester'
  readonly #options: TesterOptions
  readonly #deps: TesterDeps
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined
  #firstRoundDone: () => void = () => {}
  /** Resolves when every orchestrator was tested once. */
  readonly firstRound = new Promise<void>((resolve) => {
    this.#firstRoundDone = resolve
  })

  constructor(options: TesterOptions, deps: TesterDeps) {
    this.#options = options
    this.#deps = deps
  }

  async start(): Promise<void> {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the tester is stopping'))
    await this.#running
  }

  /** The scores of the last day, by orchestrator and region. */
  scores(): ReturnType<ScoreBoard['aggregated']> {
    return this.#deps.board.aggregated()
  }

  /** Tests every orchestrator once; returns how many were tested. */
  async testAll(): Promise<number> {
    const { find, clip, log } = this.#deps
    const { signal } = this.#stopping
    const [testees, segments] = await Promise.all([find(), clip()])
    let tested = 0
    for (const testee of testees) {
      if (signal.aborted) break
      try {
        await this.#test(testee, segments, signal)
        tested++
      } catch (error) {
        if (!signal.aborted)
          log.warn('an orchestrator was not tested', { serviceUri: testee.serviceUri, error: errorText(error) })
      }
    }
    return tested
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const began = clock.elapsed()
      try {
        log.info('orchestrators were tested', { count: await this.testAll(), ms: clock.elapsed() - began })
      } catch (error) {
        log.warn('orchestrators were not tested', { error: errorText(error) })
      }
      this.#firstRoundDone()
      const rest = Math.max(1_000, began + this.#options.intervalMs - clock.elapsed())
      await clock.sleep(rest, { signal }).catch(() => {})
    }
  }

  async #test(testee: Testee, segments: readonly ClipSegment[], signal: AbortSignal): Promise<void> {
    const { board, clock, openStream, log } = this.#deps
    const stream = openStream(testee)
    const errors = new Map<string, { code: string; message: string; count: number }>()
    const roundTrips: number[] = []
    let sent = 0
    try {
      for (const [seq, segment] of segments.entries()) {
        const began = clock.elapsed()
        const answer = await stream.send({ ...segment, seq }, { signal })
        // A test that was cut short says nothing about the orchestrator.
        if (signal.aborted) return
        sent++
        if (answer.ok) roundTrips.push((clock.elapsed() - began) / 1_000)
        else {
          const known = errors.get(answer.code)
          if (known) known.count++
          else errors.set(answer.code, { ...answer, message: answer.message.slice(0, MAX_MESSAGE), count: 1 })
        }
        // A live source gives the next segment when this one has passed.
        const rest = began + segment.durationMs - clock.elapsed()
        if (rest > 0 && seq + 1 < segments.length) await clock.sleep(rest, { signal })
      }
    } finally {
      await stream.close()
    }
    const run: TestRun = {
      orchestrator: testee.address ?? testee.serviceUri,
      region: this.#options.region,
      timestamp: Math.floor(clock.now() / 1_000),
      segmentsSent: sent,
      segmentsReceived: roundTrips.length,
      segmentDuration: mean(segments.map(({ durationMs }) => durationMs / 1_000)),
      roundTripTime: mean(roundTrips),
      errors: [...errors.values()].map(({ code, message, count }) => ({ code, message, count })),
    }
    board.add(run)
    log.info('an orchestrator was tested', {
      orchestrator: run.orchestrator,
      sent,
      received: run.segmentsReceived,
      roundTripTime: run.roundTripTime,
    })
  }
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length
