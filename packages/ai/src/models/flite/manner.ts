/** How a text is read. */
export type Manner = {
  /** The name of a voice in Flite. */
  readonly voice: 'rms' | 'slt' | 'awb' | 'kal16'
  /** Of the speech's duration: 1 is the voice's own. */
  readonly stretch: number
  /** Of the voice's own pitch. */
  readonly pitch: number
}

/** The first that a description names wins, so that a robotic woman is a robot. */
const VOICES: readonly (readonly [RegExp, Manner['voice']])[] = [
  [/\b(robot|robotic|machine|computer|synthetic)\b/, 'kal16'],
  [/\b(scot|scots|scottish|scotsman)\b/, 'awb'],
  [/\b(female|woman|women|girl|lady|she|her)\b/, 'slt'],
]

const SLOW = /\b(slow|slowly|slower|calm|unhurried)\b/
const FAST = /\b(fast|faster|quick|quickly|rapid|rapidly|hurried)\b/
const HIGH = /\b(high|higher|high-pitched|shrill|bright)\b/
const LOW = /\b(low|lower|low-pitched|deep|deeper)\b/

/**
 * What of a description the voices can do: man (the default), woman, Scot or robot; slow or fast; high or low; each more so with
 * "very" before it. "slightly" halves it. Everything else of the text is ignored.
 */
export function mannerOf(description: string): Manner {
  const text = description.toLowerCase()
  const voice = VOICES.find(([words]) => words.test(text))?.[1] ?? 'rms'
  return {
    voice,
    stretch: 1 + 0.35 * degree(text, SLOW) - 0.2 * degree(text, FAST),
    pitch: 1 + 0.12 * degree(text, HIGH) - 0.1 * degree(text, LOW),
  }
}

/** 0 where the word is missing, else 1, doubled by "very" and halved by "slightly" right before it. */
function degree(text: string, word: RegExp): number {
  const found = word.exec(text)
  if (!found) return 0
  const before = text.slice(0, found.index).trimEnd()
  if (/\b(very|extremely|really)$/.test(before)) return 2
  return /\b(slightly|somewhat|little|bit)$/.test(before) ? 0.5 : 1
}
