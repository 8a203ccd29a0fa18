import { readFile } from 'node:fs/promises'
import type { CodedFrame } from '@millrace/media'
import { loadAv } from '@millrace/media/process'
import { decodePicture } from '../pictures/decode-picture.ts'
import { PictureEncoder } from './bridge/picture-encoder.ts'

// The photograph is NASA's official portrait of Eileen Collins, which is in the public domain.
const PHOTO = new URL('../../fixtures/astronaut.jpg', import.meta.url)
export const [WIDTH, HEIGHT] = [512, 288] as const
const FIRST_PTS = 90_000

/** A photograph of a person, as red, green and blue. */
export async function readPhoto(): Promise<Uint8Array> {
  const { rgba } = decodePicture(await loadAv(), await readFile(PHOTO))
  return rgba.filter((_, i) => i % 4 !== 3)
}

type Sway = { readonly fps: number; readonly sway: number }

/** How many pixels to the right of its first place the person is at a time. */
export const swayAt = (pts: number, { fps, sway }: Sway): number =>
  Math.round(sway + sway * Math.sin((((pts - FIRST_PTS) / 90_000) * fps) / 7))

/** The photograph as a film that sways from side to side, with a key frame a second. */
export async function swayingFilm(options: Sway & { readonly seconds: number }): Promise<CodedFrame[]> {
  const { fps, seconds } = options
  const encoder = new PictureEncoder(await loadAv(), { width: WIDTH, height: HEIGHT })
  const still = await readPhoto()
  const frames: CodedFrame[] = []
  for (let i = 0; i < fps * seconds; i++) {
    const pts = FIRST_PTS + i * (90_000 / fps)
    const data = Uint8Array.from(still)
    data.copyWithin(3 * swayAt(pts, options), 0)
    frames.push(...encoder.encode({ width: WIDTH, height: HEIGHT, data }, pts, i % fps === 0))
  }
  encoder.close()
  return frames
}
