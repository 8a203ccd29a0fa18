import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AiError } from '../../ai-error.ts'
import type { AiResult } from '../../runners/runner.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { type WasmModule, wasm } from '../web-assembly.ts'
import { FLITE_PACKAGE, fliteCard } from './flite-card.ts'
import { runForFile } from './flite-program.ts'
import { type Manner, mannerOf } from './manner.ts'
import { speakable } from './speakable.ts'

const RATE_AT = 24
const BYTE_RATE_AT = 28

/** Reads words aloud with Flite; the voices are in the program. */
export const flite: EmbeddedModel = {
  card: fliteCard,
  async open({ folders }) {
    const file = join(folders.get(FLITE_PACKAGE.name) as string, 'flite.wasm')
    const program = await wasm.compile(await readFile(file))
    return {
      async run({ request }) {
        const text = speakable(String(request.text))
        if (!/[a-z0-9]/i.test(text))
          throw new AiError('ai_bad_request', 'text has nothing in it that this voice can read: it reads English')
        return spoken(speak(program, text, mannerOf(String(request.description ?? ''))))
      },
      async close() {},
    }
  },
}

export const models: readonly EmbeddedModel[] = [flite]

/**
 * The voices keep their own pitch. Another one is made by telling the file to be played faster or slower, and reading so much slower or
 * faster that the speed is the one asked for.
 */
function speak(program: WasmModule, text: string, { voice, stretch, pitch }: Manner): Uint8Array {
  const setting = `duration_stretch=${(stretch * pitch).toFixed(3)}`
  const wav = runForFile(program, ['flite', '-voice', voice, '--setf', setting, '-t', text, '-o', '/speech.wav'])
  const header = new DataView(wav.buffer, wav.byteOffset)
  const rate = Math.round(header.getUint32(RATE_AT, true) * pitch)
  header.setUint32(RATE_AT, rate, true)
  header.setUint32(BYTE_RATE_AT, rate * 2, true)
  return wav
}

const spoken = (bytes: Uint8Array): AiResult => ({
  response: { audio: { url: 'speech.wav' } },
  files: [{ name: 'speech.wav', type: 'audio/wav', bytes }],
})
