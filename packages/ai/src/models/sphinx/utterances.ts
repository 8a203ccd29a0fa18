/** A stretch of samples in which somebody speaks. */
export type Utterance = { readonly start: number; readonly end: number }

const RATE = 16_000
const FRAME = RATE / 50
/** A pause of so many frames of 20 ms ends an utterance. */
const PAUSE_FRAMES = 25
/** What is kept of the pause on both sides. */
const MARGIN_FRAMES = 10
/** Longer ones are cut where they are quietest, because what a recogniser holds of one grows with its length. */
const MAX_FRAMES = 20 * 50
/** Where the quietest place is looked for, counted back from the longest length. */
const SEARCH_FRAMES = 6 * 50
/** Speech is louder than the quietest tenth of a recording by so many decibels, and at least so loud. */
const ABOVE_NOISE_DB = 9
const QUIETEST_SPEECH_DB = -60

/** Cuts samples of 16 kHz at their pauses; silence belongs to none of the stretches. */
export function utterancesOf(samples: Int16Array): Utterance[] {
  const levels = levelsOf(samples)
  if (levels.length === 0) return []
  const sorted = [...levels].sort((a, b) => a - b)
  const quiet = sorted[Math.floor(sorted.length / 10)] as number
  const loud = sorted[Math.floor(sorted.length * 0.95)] as number
  // A recording without any pause has no quiet tenth; then the threshold must not lie within its speech.
  const threshold = Math.max(QUIETEST_SPEECH_DB, Math.min(quiet + ABOVE_NOISE_DB, loud - 20))
  return stretches(levels, threshold)
    .flatMap((stretch) => shortened(stretch, levels))
    .map(({ start, end }) => ({ start: start * FRAME, end: Math.min(end * FRAME, samples.length) }))
}

/** The level of each 20 ms in decibels below full scale. */
function levelsOf(samples: Int16Array): number[] {
  const levels: number[] = []
  for (let start = 0; start < samples.length; start += FRAME) {
    const frame = samples.subarray(start, start + FRAME)
    let sum = 0
    for (const sample of frame) sum += sample * sample
    levels.push(10 * Math.log10(sum / frame.length / 32_768 ** 2 + 1e-10))
  }
  return levels
}

/** Runs of loud frames, joined over short pauses, with a margin around each. */
function stretches(levels: readonly number[], threshold: number): Utterance[] {
  const found: { start: number; end: number }[] = []
  for (const [at, level] of levels.entries()) {
    if (level < threshold) continue
    const last = found.at(-1)
    if (last && at - last.end < PAUSE_FRAMES) last.end = at + 1
    else found.push({ start: at, end: at + 1 })
  }
  return found.map(({ start, end }) => ({
    start: Math.max(0, start - MARGIN_FRAMES),
    end: Math.min(levels.length, end + MARGIN_FRAMES),
  }))
}

function shortened({ start, end }: Utterance, levels: readonly number[]): Utterance[] {
  const pieces: Utterance[] = []
  while (end - start > MAX_FRAMES) {
    let cut = start + MAX_FRAMES
    for (let at = cut - SEARCH_FRAMES; at < start + MAX_FRAMES; at++)
      if ((levels[at] as number) < (levels[cut] as number)) cut = at
    pieces.push({ start, end: cut })
    start = cut
  }
  return [...pieces, { start, end }]
}
