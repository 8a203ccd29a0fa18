import { type Av, loadAv } from '@millrace/media/process'
import { AiError } from '../../ai-error.ts'
import { decodeAudio, SPEECH_RATE } from '../../audio/decode-audio.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { SPHINX_PACKAGE, sphinxCard } from './sphinx-card.ts'
import { SphinxEngine } from './sphinx-engine.ts'
import { utterancesOf } from './utterances.ts'
import { chunksOf, type HeardWord, sentenceText } from './words.ts'

/** It takes about half as long as a recording to write it down; nobody should wait longer than for this one. */
const MAX_SECONDS = 600

/** Writes down what is said in a recording with PocketSphinx. */
export const sphinx: EmbeddedModel = {
  card: sphinxCard,
  async open({ folders }) {
    const folder = folders.get(SPHINX_PACKAGE.name) as string
    const av = await loadAv()
    let engine: SphinxEngine | undefined = await SphinxEngine.open(folder)
    return {
      async run({ request, files }, { signal }) {
        const samples = speechOf(av, files.audio?.bytes)
        engine ??= await SphinxEngine.open(folder)
        try {
          const sentences = await listen(engine, samples, signal)
          const text = sentences.map(sentenceText).join(' ')
          return { response: { text, chunks: chunksOf(sentences, String(request.return_timestamps)) }, files: [] }
        } catch (error) {
          // A program that failed in the middle is not to be trusted with the next recording.
          if (!signal.aborted) engine = undefined
          throw error
        }
      },
      async close() {
        engine?.close()
      },
    }
  },
}

export const models: readonly EmbeddedModel[] = [sphinx]

function speechOf(av: Av, bytes: Uint8Array | undefined): Int16Array {
  if (!bytes) throw new AiError('ai_bad_request', 'audio is missing')
  const pieces: Int16Array[] = []
  decodeAudio(av, bytes, { maxSeconds: MAX_SECONDS, onSamples: (samples) => pieces.push(samples) })
  const all = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** The sentences that were heard, each with its words; a stretch without any word gives none. */
async function listen(engine: SphinxEngine, samples: Int16Array, signal: AbortSignal): Promise<HeardWord[][]> {
  const sentences: HeardWord[][] = []
  for (const { start, end } of utterancesOf(samples)) {
    const words = await engine.recognise(samples.subarray(start, end), start / SPEECH_RATE, signal)
    if (words.length > 0) sentences.push(words)
  }
  return sentences
}
