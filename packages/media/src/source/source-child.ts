import { errorText, MillraceError } from '@millrace/base'
import { loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import { generate } from './generate.ts'
import { Pace } from './pace.ts'
import { readFile } from './read-file.ts'
import { CREDIT, type FromSource, type ToSource } from './source-messages.ts'

// The process of one source: it makes or reads a stream and sends its coded frames.

let pace: Pace | undefined

const send = becomeMediaChild<ToSource>((message) => {
  if (message.type === 'more') pace?.more()
  else void run(message)
}) as (message: FromSource) => void

async function run(message: Exclude<ToSource, { type: 'more' }>): Promise<void> {
  try {
    pace = new Pace({ realtime: message.options.realtime, credit: CREDIT })
    const av = await loadAv()
    if (message.type === 'generate') {
      const { width, height, fps } = message.options
      send({
        type: 'started',
        durationMs: undefined,
        about: `a test picture of ${width}x${height} at ${fps} frames a second`,
      })
      await generate(av, message.options, pace, (frames) => send({ type: 'frames', frames }))
    } else {
      await readFile(av, message.options, pace, {
        started: (durationMs, about) => send({ type: 'started', durationMs, about }),
        frames: (frames) => send({ type: 'frames', frames }),
      })
    }
    send({ type: 'end' })
  } catch (error) {
    const known = error instanceof MillraceError
    send({
      type: 'failed',
      code: known ? error.code : 'source_failed',
      message: errorText(error),
      retryable: known && error.retryable,
      meta: known ? error.meta : {},
    })
  }
}
