import { errorText, MillraceError } from '@millrace/base'
import { becomeMediaChild, loadAv } from '@millrace/media/process'
import { decodeAudio } from './decode-audio.ts'
import type { DurationAnswer, DurationQuestion } from './duration-messages.ts'

// One recording, then the end: what breaks in a decoder breaks nothing else.

const send = becomeMediaChild<DurationQuestion>((question) => void answer(question)) as (answer: DurationAnswer) => void

async function answer({ bytes, maxSeconds }: DurationQuestion): Promise<void> {
  try {
    send({ durationMs: decodeAudio(await loadAv(), bytes, { maxSeconds }) })
  } catch (error) {
    send({ code: error instanceof MillraceError ? error.code : undefined, message: errorText(error) })
  }
}
