import { errorText, MillraceError } from '@millrace/base'
import { type Av, loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import { AvTranscoder, type TranscodeOptions } from './av-transcoder.ts'
import type { FromSession, ToSession } from './session-messages.ts'

// The process of one transcoding session: it loads FFmpeg's libraries at once, so that a spare is warm when a stream begins.

let av: Av | undefined
let transcoder: AvTranscoder | undefined
const aborted = new Set<number>()
let work: Promise<void> = Promise.resolve()

const send = becomeMediaChild<ToSession>((message) => {
  if (message.type === 'abort') {
    aborted.add(message.job)
    return
  }
  // One after the other: the libraries are called synchronously.
  work = work.then(() => handle(message))
}) as (message: FromSession) => void

async function handle(message: Exclude<ToSession, { type: 'abort' }>): Promise<void> {
  if (message.type === 'open') {
    transcoder?.close()
    transcoder = new AvTranscoder(av!, message.options satisfies TranscodeOptions)
    return
  }
  const { job } = message
  const started = performance.now()
  const pause = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    if (aborted.has(job)) throw new MillraceError('aborted', 'the segment was given up')
  }
  try {
    await pause()
    const { parts, ...facts } = await transcoder!.transcode(message.segment, pause)
    for (const part of parts) send({ type: 'part', job, part })
    send({ type: 'done', job, ...facts, elapsedMs: performance.now() - started })
  } catch (error) {
    const code = error instanceof MillraceError ? error.code : 'engine_failed'
    const meta = error instanceof MillraceError ? error.meta : {}
    send({ type: 'failed', job, code, message: errorText(error), meta })
  } finally {
    aborted.delete(job)
  }
}

work = loadAv().then(
  (loaded) => {
    av = loaded
    const { version, configuration } = loaded.getFFmpegInfo()
    const license = configuration.includes('--enable-gpl')
      ? configuration.includes('--enable-version3')
        ? 'GPL-3.0'
        : 'GPL-2.0'
      : 'LGPL'
    send({ type: 'ready', version, license })
  },
  (error) => {
    send({ type: 'unusable', message: errorText(error) })
  },
)
