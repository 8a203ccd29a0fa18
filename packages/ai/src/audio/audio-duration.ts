import { errorText } from '@millrace/base'
import { builtFile } from '@millrace/base/node'
import { forkMediaChild } from '@millrace/media/process'
import { AiError, isAiErrorCode } from '../ai-error.ts'
import type { DurationAnswer, DurationQuestion } from './duration-messages.ts'

/** A recording longer than this is refused, whoever would write it down. */
const MAX_SECONDS = 3_600
/** A decoder that needs longer for an hour of sound hangs. */
const TIME_LIMIT_MS = 60_000

/**
 * How long a recording is, in milliseconds: the unit of what audio-to-text costs. It is decoded in a process of its own, because what
 * a header says may be a lie. Throws `ai_bad_request` on what is no sound or longer than an hour, `ai_timed_out`, `ai_runner_failed`.
 */
export async function audioDuration(bytes: Uint8Array, { signal }: { readonly signal: AbortSignal }): Promise<number> {
  signal.throwIfAborted()
  const child = forkMediaChild(builtFile(import.meta.url, './audio-duration-child.js'))
  const limit = AbortSignal.timeout(TIME_LIMIT_MS)
  const stop = AbortSignal.any([signal, limit])
  try {
    const answer = await new Promise<DurationAnswer>((resolve, reject) => {
      stop.addEventListener('abort', () => reject(limit.aborted ? tooSlow() : signal.reason), { once: true })
      child.onMessage(resolve as (answer: DurationAnswer) => void)
      void child.exited.then((how) =>
        reject(new AiError('ai_runner_failed', `the process that measures sound is gone: ${how}`, { retryable: true })),
      )
      child.send({ bytes, maxSeconds: MAX_SECONDS } satisfies DurationQuestion)
    })
    if ('durationMs' in answer) return answer.durationMs
    const { code = '', message } = answer
    throw new AiError(isAiErrorCode(code) ? code : 'ai_runner_failed', errorText(message))
  } finally {
    child.kill()
    await child.exited
  }
}

const tooSlow = () =>
  new AiError('ai_timed_out', `the recording could not be measured within ${TIME_LIMIT_MS / 1_000} s`)
