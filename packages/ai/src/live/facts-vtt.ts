/** What was found in a picture, as it comes on a data channel. */
export type PictureFacts = { readonly pts: number } & Readonly<Record<string, unknown>>

const LAST_CUE_MS = 1_000

/**
 * Facts of pictures as a metadata track in WebVTT: a cue lasts until the next picture with facts, its text is their JSON.
 * `originPts` is the time of the film's start, in ticks of 90 kHz.
 */
export function factsVtt(facts: readonly PictureFacts[], originPts = 0): string {
  const cues = facts.map(({ pts, ...rest }, i) => {
    const from = (pts - originPts) / 90
    const next = facts[i + 1]
    const to = next ? (next.pts - originPts) / 90 : from + LAST_CUE_MS
    // An arrow in the text would end the cue (WebVTT, section 4.1).
    const text = JSON.stringify(rest).replaceAll('-->', '--\\u003e')
    return `${time(from)} --> ${time(to)}\n${text}\n`
  })
  return ['WEBVTT\n', ...cues].join('\n')
}

function time(ms: number): string {
  const whole = Math.max(0, Math.round(ms))
  const part = (value: number, digits: number) => String(value).padStart(digits, '0')
  return `${part(Math.floor(whole / 3_600_000), 2)}:${part(Math.floor(whole / 60_000) % 60, 2)}:${part(Math.floor(whole / 1_000) % 60, 2)}.${part(whole % 1_000, 3)}`
}
