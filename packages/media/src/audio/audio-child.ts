import { errorText, MillraceError } from '@millrace/base'
import { type Av, loadAv } from '../process/av.ts'
import { becomeMediaChild } from '../process/in-child.ts'
import type { FromAudio, ToAudio } from './audio-messages.ts'
import { SoundTranscoder } from './sound-transcoder.ts'

// One process makes the sound of all streams: it costs a hundredth of a core each.

const transcoders = new Map<number, SoundTranscoder>()
let loading: Promise<Av> | undefined
let work: Promise<void> = Promise.resolve()

const send = becomeMediaChild<ToAudio>((message) => {
  work = work.then(() => handle(message)).catch((error) => fail(message.id, error))
}) as (message: FromAudio) => void

async function handle(message: ToAudio): Promise<void> {
  const { id } = message
  if (message.type === 'open') {
    loading ??= loadAv()
    transcoders.set(id, new SoundTranscoder(await loading, message.from, message.to))
  } else if (message.type === 'frames') {
    const frames = message.frames.flatMap((frame) => transcoders.get(id)?.read(frame) ?? [])
    if (frames.length > 0) send({ type: 'frames', id, frames })
  } else close(id)
}

function close(id: number): void {
  transcoders.get(id)?.close()
  transcoders.delete(id)
}

function fail(id: number, error: unknown): void {
  close(id)
  const code = error instanceof MillraceError ? error.code : 'no_media_engine'
  send({ type: 'failed', id, code, message: errorText(error) })
}
