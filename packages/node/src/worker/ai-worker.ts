import type { AiJob, AiResult, Pipeline, RunContext, RunnerPool } from '@millrace/ai'
import type { Part } from '@millrace/base'
import type { NodeId } from '@millrace/wire'
import type { AiWorkerLink, OfferedModel } from '../links/ai-links.ts'

/** An AI worker: its runners, as an orchestrator sees them. It is its own link to an orchestrator of the same node. */
export class AiWorker implements AiWorkerLink, Part {
  readonly name = 'ai-worker'
  readonly workerId: NodeId
  readonly #pool: RunnerPool

  constructor(options: { readonly workerId: NodeId }, deps: { readonly pool: RunnerPool }) {
    this.workerId = options.workerId
    this.#pool = deps.pool
  }

  offers(): readonly OfferedModel[] {
    return this.#pool.describe()
  }

  runAiJob(pipeline: Pipeline, job: AiJob, context: RunContext): Promise<AiResult> {
    return this.#pool.run(pipeline.name, job, context)
  }
}
