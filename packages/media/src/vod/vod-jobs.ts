import { MillraceError } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild, type MediaChild } from '../process/child.ts'
import type { FromVod, VodJob } from './vod-messages.ts'

export type VodJobsOptions = {
  /** Processes at once. Default 2. */
  readonly maxRunning?: number
  /** Jobs that wait; further ones are refused. Default 16. */
  readonly maxWaiting?: number
  readonly timeoutMs?: number
}

/** Makes files of recorded segments, each in a process of its own: what a stranger recorded breaks that process alone. */
export class VodJobs {
  readonly #options: VodJobsOptions
  readonly #children = new Set<MediaChild>()
  readonly #waiting: (() => void)[] = []
  #running = 0
  #closed = false

  constructor(options: VodJobsOptions = {}) {
    this.#options = options
  }

  /** Throws `vod_busy`, `vod_failed`, or what the job itself throws. */
  async run(job: VodJob): Promise<void> {
    const { maxRunning = 2, maxWaiting = 16 } = this.#options
    if (this.#waiting.length >= maxWaiting)
      throw new MillraceError('vod_busy', 'too many files of recordings are being made', { retryable: true })
    if (this.#running >= maxRunning) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running++
    try {
      if (this.#closed) throw new MillraceError('stopping', 'the media server is stopping', { retryable: true })
      await this.#inChild(job)
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const children = [...this.#children]
    for (const child of children) child.kill()
    await Promise.all(children.map(({ exited }) => exited))
  }

  async #inChild(job: VodJob): Promise<void> {
    const { timeoutMs = 600_000 } = this.#options
    const child = forkMediaChild(builtFile(import.meta.url, './vod-child.js'))
    this.#children.add(child)
    const timer = setTimeout(() => child.kill(), timeoutMs)
    try {
      const answer = await new Promise<FromVod>((resolve) => {
        child.onMessage((message: FromVod) => resolve(message))
        void child.exited.then((how) =>
          resolve({
            type: 'failed',
            code: 'vod_failed',
            message: `the process that makes files of recordings: ${how}`,
          }),
        )
        child.send({ job })
      })
      if (answer.type === 'failed') throw new MillraceError(answer.code, answer.message)
    } finally {
      clearTimeout(timer)
      child.kill()
      await child.exited
      this.#children.delete(child)
    }
  }
}
