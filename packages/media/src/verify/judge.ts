import { errorText, type Log } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild, type MediaChild } from '../process/child.ts'
import type { ComparedMedia, Comparison, ComparisonRequest } from './compare.ts'
import type { FromJudge, ToJudge } from './judge-messages.ts'
import type { SignatureMatch } from './signature/compare.ts'

/** What a comparison came to. */
export type Judgement = { readonly outcome: 'compared'; readonly comparison: Comparison } | Failed

/** What became of a comparison of two videos' signatures. */
export type MatchJudgement = { readonly outcome: 'matched'; readonly match: SignatureMatch } | Failed

type Failed =
  /** The source can be decoded and the rendition cannot, or not in time. */
  | { readonly outcome: 'undecodable'; readonly reason: string }
  /** Nothing is known of the rendition, for a reason that is not its own. */
  | { readonly outcome: 'unchecked'; readonly reason: string }

export type PictureJudgeOptions = {
  /** A source, or a rendition, that takes longer is given up. Default 5,000. */
  readonly timeoutMs?: number
  /** The process ends when it had nothing to do for so long. Default 60,000. */
  readonly idleMs?: number
  /** Comparisons that may wait; more go unchecked. Default 8. */
  readonly maxWaiting?: number
  /** The process is replaced after so many comparisons, because native memory creeps up. Default 200. */
  readonly recycleAfter?: number
}

const READY_WITHIN_MS = 20_000
/** A rendition may take so many times as long as its source did. */
const RENDITION_TIME = 4
/** A sample is encoded in the source's time. */
const SAMPLE_TIME = 6

type Order = (job: number) => ToJudge

type Running = { readonly child: MediaChild; readonly ready: Promise<string | undefined>; done: number }

/** Compares renditions with their sources in a process of its own, one after the other. */
export class PictureJudge {
  readonly #timeoutMs: number
  readonly #idleMs: number
  readonly #maxWaiting: number
  readonly #recycleAfter: number
  readonly #log: Log
  #running: Running | undefined
  #idle: NodeJS.Timeout | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #jobs = 0
  #unusable: string | undefined
  #closed = false
  /** Those of the comparison under way. */
  #onMessage: ((message: FromJudge) => void) | undefined
  #onExit: ((how: string) => void) | undefined

  constructor(options: PictureJudgeOptions, deps: { readonly log: Log }) {
    this.#timeoutMs = options.timeoutMs ?? 5_000
    this.#idleMs = options.idleMs ?? 60_000
    this.#maxWaiting = options.maxWaiting ?? 8
    this.#recycleAfter = options.recycleAfter ?? 200
    this.#log = deps.log
  }

  /** Starts the process, so that the first comparison does not wait for it. */
  prepare(): void {
    if (!this.#closed && this.#unusable === undefined) this.#start()
  }

  /** Never rejects. */
  compare(request: ComparisonRequest): Promise<Judgement> {
    return this.#inTurn((job) => ({ type: 'compare', job, request }))
  }

  /** Whether two videos show the same, by their MPEG-7 signatures; the first is the one that is trusted. Never rejects. */
  match(first: ComparedMedia, second: ComparedMedia): Promise<MatchJudgement> {
    return this.#inTurn((job) => ({ type: 'match', job, first, second }))
  }

  #inTurn<Answer extends Judgement | MatchJudgement>(order: Order): Promise<Answer | Failed> {
    if (this.#waiting >= this.#maxWaiting)
      return Promise.resolve({ outcome: 'unchecked', reason: `${this.#waiting} comparisons wait already` })
    this.#waiting++
    const judgement = this.#turn.then(() => this.#do(order)).finally(() => this.#waiting--)
    this.#turn = judgement
    return judgement as Promise<Answer | Failed>
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    const child = this.#running?.child
    this.#running = undefined
    child?.ref()
    child?.kill()
    await child?.exited
  }

  async #do(order: Order): Promise<Judgement | MatchJudgement> {
    const unchecked = (reason: string): Failed => ({ outcome: 'unchecked', reason })
    if (this.#closed) return unchecked('the judge was closed')
    if (this.#unusable !== undefined) return unchecked(this.#unusable)
    const running = this.#start()
    const broken = await running.ready
    if (broken !== undefined) return unchecked(broken)
    clearTimeout(this.#idle)
    try {
      return await this.#ask(running.child, order)
    } catch (error) {
      return unchecked(errorText(error))
    } finally {
      if (++running.done >= this.#recycleAfter) {
        this.#stop(running)
        this.prepare()
      } else this.#idle = setTimeout(() => this.#stop(running), this.#idleMs).unref()
    }
  }

  #ask(child: MediaChild, order: Order): Promise<Judgement | MatchJudgement> {
    const job = ++this.#jobs
    const message = order(job)
    const withSample = message.type === 'compare' && message.request.sample !== undefined
    const began = performance.now()
    return new Promise((resolve, reject) => {
      let sourceIsGood = false
      const over = (judgement: Judgement | MatchJudgement) => {
        clearTimeout(timer)
        this.#onMessage = undefined
        this.#onExit = undefined
        resolve(judgement)
      }
      const failed = (reason: string) => over({ outcome: sourceIsGood ? 'undecodable' : 'unchecked', reason })
      const giveUpAfter = (ms: number) =>
        setTimeout(() => {
          failed(`it was not decoded within ${Math.round(ms)} ms`)
          child.kill()
        }, ms)
      let timer = giveUpAfter(this.#timeoutMs * (withSample ? SAMPLE_TIME : 1))
      this.#onExit = (how) => failed(`the process that decoded it is gone: ${how}`)
      this.#onMessage = (answer) => {
        if (!('job' in answer) || answer.job !== job) return
        if (answer.type === 'source') {
          sourceIsGood = true
          // A busy machine is slow with both: what the source has cost is the measure for its rendition.
          clearTimeout(timer)
          timer = giveUpAfter(Math.max(this.#timeoutMs, RENDITION_TIME * (performance.now() - began)))
        } else if (answer.type === 'failed') failed(answer.message)
        else if (answer.type === 'matched') over({ outcome: 'matched', match: answer.match })
        else over({ outcome: 'compared', comparison: answer.comparison })
      }
      try {
        child.send(message)
      } catch (error) {
        clearTimeout(timer)
        reject(error)
      }
    })
  }

  #start(): Running {
    if (this.#running?.child.alive) return this.#running
    const child = forkMediaChild(builtFile(import.meta.url, './judge-child.js'))
    // Neither an idle process nor a comparison that nobody waits for keeps this one alive.
    child.unref()
    const ready = new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => {
        child.kill()
        resolve(`the process that compares was not ready after ${READY_WITHIN_MS / 1000} s`)
      }, READY_WITHIN_MS).unref()
      child.onMessage((message: FromJudge) => {
        if (message.type === 'ready') resolve(undefined)
        else if (message.type === 'unusable') resolve(this.#cannot(message.message))
        else if (this.#running?.child === child) this.#onMessage?.(message)
        clearTimeout(timer)
      })
      void child.exited.then((how) => {
        clearTimeout(timer)
        resolve(`the process that compares did not start: ${how}`)
        if (this.#running?.child !== child) return
        this.#running = undefined
        this.#onExit?.(how)
      })
    })
    this.#running = { child, ready, done: 0 }
    return this.#running
  }

  #stop({ child }: Running): void {
    if (this.#running?.child === child) this.#running = undefined
    child.kill()
  }

  /** Without FFmpeg's libraries nothing is compared; said once. */
  #cannot(why: string): string {
    this.#unusable = `pictures cannot be compared on this machine: ${why}`
    this.#log.warn('results of orchestrators are not compared with their sources', {
      reason: this.#unusable,
      advice: 'run `npm install` without leaving out optional packages',
    })
    return this.#unusable
  }
}
