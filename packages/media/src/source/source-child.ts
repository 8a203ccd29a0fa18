import { errorText, MillraceError } from '@millrace/base'
import { type Av, loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import { probeFfmpeg } from '../transcode/ffmpeg-transcoder.ts'
import { generateWithFfmpeg, readFileWithFfmpeg } from './ffmpeg-source.ts'
import { generate } from './generate.ts'
import { Pace } from './pace.ts'
import { type FileReport, readFile } from './read-file.ts'
import { CREDIT, type FromSource, type SourceEngine, type ToSource } from './source-messages.ts'

// The process of one source: it makes or reads a stream and sends its coded frames.

let pace: Pace | undefined

const send = becomeMediaChild<ToSource>((message) => {
  if (message.type === 'more') pace?.more()
  else void run(message)
}) as (message: FromSource) => void

async function run(message: Exclude<ToSource, { type: 'more' }>): Promise<void> {
  try {
    pace = new Pace({ realtime: message.options.realtime, credit: CREDIT })
    const report: FileReport = {
      started: (durationMs, about) => send({ type: 'started', durationMs, about }),
      frames: (frames) => send({ type: 'frames', frames }),
    }
    const av = await chooseAv(message)
    if (message.type === 'file') {
      if (av) await readFile(av, message.options, pace, report)
      else await readFileWithFfmpeg(message.ffmpegPath, message.options, pace, report)
    } else {
      const { width, height, fps } = message.options
      report.started(undefined, `a test picture of ${width}x${height} at ${fps} frames a second`)
      if (av) await generate(av, message.options, pace, report.frames)
      else await generateWithFfmpeg(message.ffmpegPath, message.options, pace, report.frames)
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

/** node-av's libraries, or undefined when the ffmpeg program is to be used; throws `no_media_engine`. */
async function chooseAv({ engine, ffmpegPath }: SourceEngine): Promise<Av | undefined> {
  if (engine !== 'ffmpeg')
    try {
      return await loadAv()
    } catch (error) {
      if (engine === 'node-av') throw new MillraceError('no_media_engine', errorText(error))
    }
  await probeFfmpeg(ffmpegPath)
  return undefined
}
