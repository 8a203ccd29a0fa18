/** A word that was heard, with its times in seconds from the start of the recording. */
export type HeardWord = { readonly text: string; readonly start: number; readonly end: number }

export type Chunk = { readonly timestamp: readonly [number, number]; readonly text: string }

/** Of what the recogniser tells only the words: no pauses and noises, and not which of several pronunciations it was. */
export function spokenWord(token: string): string | undefined {
  if (/^[<[+]/.test(token)) return undefined
  return token.replace(/\(\d+\)$/, '')
}

export const sentenceText = (words: readonly HeardWord[]): string => words.map(({ text }) => text).join(' ')

/** The chunks of an answer: one a sentence (what lies between two pauses), one a word, or none. */
export function chunksOf(sentences: readonly (readonly HeardWord[])[], timestamps: string): Chunk[] {
  if (timestamps === 'false') return []
  if (timestamps === 'word') return sentences.flat().map(({ text, start, end }) => ({ timestamp: [start, end], text }))
  return sentences.map((words) => ({
    timestamp: [words[0]?.start ?? 0, words.at(-1)?.end ?? 0],
    text: sentenceText(words),
  }))
}
