import { AiError } from '../ai-error.ts'
import type { AiJob, AiResult, RunContext, Runner, RunnerKind, RunnerState } from '../runners/runner.ts'
import { givenUp } from '../runners/server-client.ts'

/** A runner in this process whose loads and health a test decides; its jobs end when the test says so. */
export class ScriptedRunner implements Runner {
  readonly kind: RunnerKind = 'http-app'
  readonly pipeline: string
  readonly modelId: string
  readonly version = '1.0.0'
  readonly capacity: number
  /** What `health` says; an error is thrown. */
  state: RunnerState | Error = 'OK'
  /** What `load` throws, if anything. */
  loadFault: Error | undefined
  /** Loads wait for this. */
  loadGate: Promise<void> = Promise.resolve()
  loads = 0
  unloads = 0
  /** Jobs that were begun and not yet answered. */
  readonly jobs: { readonly job: AiJob; finish(result: AiResult): void; fail(error: AiError): void }[] = []

  constructor(options: { readonly pipeline: string; readonly modelId: string; readonly capacity?: number }) {
    this.pipeline = options.pipeline
    this.modelId = options.modelId
    this.capacity = options.capacity ?? 1
  }

  async load(): Promise<void> {
    this.loads++
    await this.loadGate
    if (this.loadFault) throw this.loadFault
  }

  async health(): Promise<RunnerState> {
    if (this.state instanceof Error) throw this.state
    return this.state
  }

  run(job: AiJob, { signal }: RunContext): Promise<AiResult> {
    return new Promise((finish, fail: (error: AiError) => void) => {
      signal.addEventListener('abort', () => fail(givenUp(signal)), { once: true })
      this.jobs.push({ job, finish, fail })
    })
  }

  async unload(): Promise<void> {
    this.unloads++
  }
}

/** A runner that is gone. */
export const crashed = (): AiError => new AiError('ai_runner_failed', 'the runner broke off', { retryable: true })
