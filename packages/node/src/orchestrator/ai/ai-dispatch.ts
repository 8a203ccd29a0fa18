import { type AiJob, type AiResult, LIVE_PIPELINE, type LiveRun, type Pipeline, type RunContext } from '@millrace/ai'
import { errorText, hasCode, type Log } from '@millrace/base'
import type { AiWorkerLink, LiveJob, OfferedModel } from '../../links/ai-links.ts'

/** A place for one job, kept until it is run or given back. */
export type AiPlace = {
  run(pipeline: Pipeline, job: AiJob, context: RunContext): Promise<AiResult>
  release(): void
}

/** A place for one live stream, kept until it is given back. */
export type LivePlace = {
  start(job: LiveJob, call: { readonly signal: AbortSignal }): Promise<LiveRun>
  release(): void
}

const MAX_WORKERS_TRIED = 3

/** Who of an orchestrator's AI workers does what: places are kept before a job is paid, so that nobody pays for a refusal. */
export class AiDispatcher {
  readonly #log: Log
  readonly #workers = new Set<AiWorkerLink>()
  /** Places that are kept here, by worker and model; a worker's own count follows a moment later. */
  readonly #kept = new Map<AiWorkerLink, Map<string, number>>()

  constructor(deps: { readonly log: Log }) {
    this.#log = deps.log
  }

  /** A worker that can be given jobs; the function takes it away again. */
  join(worker: AiWorkerLink): () => void {
    this.#workers.add(worker)
    return () => {
      this.#workers.delete(worker)
      this.#kept.delete(worker)
    }
  }

  /** All models of all workers; one that several have stands here once, with the sum of their places. */
  models(): readonly OfferedModel[] {
    const all = new Map<string, OfferedModel>()
    for (const worker of this.#workers)
      for (const offer of worker.offers()) {
        const key = keyOf(offer)
        const known = all.get(key)
        const inUse = Math.max(offer.inUse, this.#keptBy(worker, key))
        all.set(key, {
          ...offer,
          warm: offer.warm || (known?.warm ?? false),
          capacity: offer.capacity + (known?.capacity ?? 0),
          inUse: inUse + (known?.inUse ?? 0),
        })
      }
    return [...all.values()]
  }

  /** A place for a job with the worker that has the model warm and most room for it; undefined when there is none. */
  reserve(pipeline: string, modelId: string): AiPlace | undefined {
    const place = this.#place(pipeline, modelId, (error) => hasCode(error, 'worker_gone'))
    return (
      place && {
        release: place.release,
        run: (kind, job, context) => place.use((worker) => worker.runAiJob(kind, job, context), context),
      }
    )
  }

  /** The same for a live stream. One who has no room after all is no reason to refuse it, as long as somebody else has. */
  reserveLive(modelId: string): LivePlace | undefined {
    const mayGoOn = (error: unknown) => hasCode(error, 'worker_gone') || hasCode(error, 'ai_no_capacity')
    const place = this.#place(LIVE_PIPELINE, modelId, mayGoOn)
    return (
      place && {
        release: place.release,
        start: (job, call) => place.use((worker) => startLive(worker, job, call), call),
      }
    )
  }

  #place(
    pipeline: string,
    modelId: string,
    mayGoOn: (error: unknown) => boolean,
  ):
    | {
        use<T>(work: (worker: AiWorkerLink) => Promise<T>, call: { readonly signal: AbortSignal }): Promise<T>
        release(): void
      }
    | undefined {
    const key = keyOf({ pipeline, modelId })
    const first = this.#choose(key, new Set())
    if (!first) return undefined
    let worker: AiWorkerLink | undefined = first
    this.#keep(first, key, 1)
    const release = () => {
      if (worker) this.#keep(worker, key, -1)
      worker = undefined
    }
    return {
      release,
      use: async (work, { signal }) => {
        const tried = new Set<AiWorkerLink>()
        for (;;) {
          if (!worker) throw new Error('the place was given back')
          try {
            return await work(worker)
          } catch (error) {
            tried.add(worker)
            if (!mayGoOn(error) || signal.aborted || tried.size >= MAX_WORKERS_TRIED) throw error
            const next = this.#choose(key, tried)
            if (!next) throw error
            this.#log.info('an AI worker could not do a job, another one gets it', {
              ...{ pipeline, modelId, why: errorText(error) },
            })
            release()
            worker = next
            this.#keep(next, key, 1)
          }
        }
      },
    }
  }

  #choose(key: string, without: ReadonlySet<AiWorkerLink>): AiWorkerLink | undefined {
    let best: { readonly worker: AiWorkerLink; readonly warm: boolean; readonly room: number } | undefined
    for (const worker of this.#workers) {
      if (without.has(worker)) continue
      const offer = worker.offers().find((one) => keyOf(one) === key)
      const room = offer ? offer.capacity - Math.max(offer.inUse, this.#keptBy(worker, key)) : 0
      if (!offer || room <= 0) continue
      if (!best || (offer.warm && !best.warm) || (offer.warm === best.warm && room > best.room))
        best = { worker, warm: offer.warm, room }
    }
    return best?.worker
  }

  #keptBy(worker: AiWorkerLink, key: string): number {
    return this.#kept.get(worker)?.get(key) ?? 0
  }

  #keep(worker: AiWorkerLink, key: string, change: number): void {
    if (!this.#workers.has(worker)) return
    const kept = this.#kept.get(worker) ?? new Map<string, number>()
    this.#kept.set(worker, kept)
    const count = (kept.get(key) ?? 0) + change
    if (count > 0) kept.set(key, count)
    else kept.delete(key)
  }
}

function startLive(worker: AiWorkerLink, job: LiveJob, call: { readonly signal: AbortSignal }): Promise<LiveRun> {
  if (!worker.startLive) throw new Error('a worker offers models of live video and does not take any')
  return worker.startLive(job, call)
}

const keyOf = ({ pipeline, modelId }: Pick<OfferedModel, 'pipeline' | 'modelId'>): string => `${pipeline} ${modelId}`
