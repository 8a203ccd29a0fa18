import { COLUMNS, ROWS } from './caption-screen.ts'
import type { CaptionCue } from './cea608.ts'

const WRAP = 2 ** 33

/**
 * A segment of WebVTT for HLS: its own time begins with the segment, and X-TIMESTAMP-MAP ties it to the time of the pictures
 * (RFC 8216, section 3.5).
 */
export function webVttSegment(cues: readonly CaptionCue[], startTicks: number): string {
  const mpegTs = ((Math.round(startTicks) % WRAP) + WRAP) % WRAP
  const head = `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${mpegTs},LOCAL:00:00:00.000\n`
  return [head, ...cues.map((cue) => written(cue, startTicks))].join('\n')
}

function written({ startTicks: from, endTicks, lines }: CaptionCue, startTicks: number): string {
  const times = [from, endTicks].map((ticks) => timestamp(Math.max(0, (ticks - startTicks) / 90)))
  // Captions keep to the middle four fifths of the picture.
  const line = 10 + ((lines[0]?.row ?? 0) / ROWS) * 80
  const position = 10 + (Math.min(...lines.map(({ column }) => column)) / COLUMNS) * 80
  const text = lines
    .map((one) => one.text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'))
    .join('\n')
  return `${times.join(' --> ')} line:${line.toFixed(2)}% position:${position.toFixed(2)}% align:start\n${text}\n`
}

function timestamp(ms: number): string {
  const whole = Math.round(ms)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1_000) % 60)}.${String(whole % 1_000).padStart(3, '0')}`
}
