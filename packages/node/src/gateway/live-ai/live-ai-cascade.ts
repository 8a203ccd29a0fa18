import { MillraceError } from '@millrace/base'
import type { Publication } from '@millrace/media'
import type { LiveAiRequest, LiveAiStream } from './live-ai-stream.ts'

/** A live stream through one pipeline, or through several. */
export type LiveAiRun = Pick<LiveAiStream, 'request' | 'ended' | 'over' | 'take' | 'stop' | 'hasPicture'> & {
  readonly status: { failed(message: string): void; toJSON(): Readonly<Record<string, unknown>> }
  /** Changed parameters of one stage, counted from 0. Throws `bad_live_request` or `control_not_sent`. */
  update(params: Uint8Array, stage?: number): Promise<void>
}

/** What opens a stage; `show` is where what it makes goes. */
export type OpenStage = (index: number, show: (publication: Publication) => Promise<void>) => LiveAiStream

/**
 * Several pipelines in a row, each perhaps at another orchestrator: what one makes is the source of the next, and what the last one
 * makes is shown. Each is bought, paid and replaced by itself; when one is given up, all end.
 */
export class LiveAiCascade implements LiveAiRun {
  readonly request: LiveAiRequest
  readonly status: LiveAiRun['status']
  readonly ended: Promise<string>
  readonly #stages: readonly LiveAiStream[]

  constructor(
    request: LiveAiRequest,
    count: number,
    open: OpenStage,
    show: (publication: Publication) => Promise<void>,
  ) {
    this.request = request
    const stages: LiveAiStream[] = []
    // From the last on, because each must know where what it makes goes.
    for (let index = count - 1; index >= 0; index--) {
      const next = stages[0]
      stages.unshift(
        open(index, async (publication) => {
          if (!next) return show(publication)
          next.take(publication)
          await next.ended
        }),
      )
    }
    this.#stages = stages
    for (const [index, stage] of stages.entries())
      void stage.ended.then((reason) => {
        for (const other of stages) if (other !== stage) void other.stop(`stage ${index} has ended: ${reason}`)
      })
    this.ended = Promise.race(stages.map((stage) => stage.ended)).then(async (reason) => {
      await Promise.all(stages.map((stage) => stage.ended))
      return reason
    })
    this.status = {
      failed: (message) => stages[0]?.status.failed(message),
      toJSON: () => ({
        ...stages.at(-1)?.status.toJSON(),
        stages: stages.map((stage) => ({ pipeline: stage.request.pipeline, ...stage.status.toJSON() })),
      }),
    }
  }

  get over(): boolean {
    return this.#stages.some((stage) => stage.over)
  }

  hasPicture(withinMs: number): Promise<boolean> {
    return this.#stages.at(-1)?.hasPicture(withinMs) ?? Promise.resolve(false)
  }

  take(publication: Publication): void {
    this.#stages[0]?.take(publication)
  }

  async update(params: Uint8Array, stage = 0): Promise<void> {
    const wanted = this.#stages[stage]
    if (!wanted)
      throw new MillraceError(
        'bad_live_request',
        `there is no stage ${stage}: they are counted from 0 to ${this.#stages.length - 1}`,
      )
    await wanted.update(params)
  }

  async stop(reason: string): Promise<void> {
    await Promise.all(this.#stages.map((stage) => stage.stop(reason)))
  }
}
