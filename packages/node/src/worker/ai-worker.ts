import type { AiJob, AiResult, LivePool, LiveRun, Pipeline, RunContext, RunnerPool } from '@millrace/ai'
import type { Part } from '@millrace/base'
import type { NodeId } from '@millrace/wire'
import type { AiWorkerLink, LiveJob, OfferedModel } from '../links/ai-links.ts'

/** An AI worker: its runners, as an orchestrator sees them. It is its own link to an orchestrator of the same node. */
export class AiWorker implements AiWorkerLink, Part {
  readonly name = 'ai-worker'
  readonly workerId: NodeId
  readonly #pool: RunnerPool
  readonly #live: LivePool

  constructor(options: { readonly workerId: NodeId }, deps: { readonly pool: RunnerPool; readonly live: LivePool }) {
    this.workerId = options.workerId
    this.#pool = deps.pool
    this.#live = deps.live
  }

  offers(): readonly OfferedModel[] {
    return [...this.#pool.describe(), ...this.#live.describe()]
  }

  runAiJob(pipeline: Pipeline, job: AiJob, context: RunContext): Promise<AiResult> {
    return this.#pool.run(pipeline.name, job, context)
  }

  startLive({ modelId, request, here }: LiveJob, call: { readonly signal: AbortSignal }): Promise<LiveRun> {
    // A container may be anywhere; what is embedded is here, and need not go by way of an address for strangers.
    return this.#live.open(modelId, this.#live.kindOf(modelId) === 'embedded' ? here : request, call)
  }
}
