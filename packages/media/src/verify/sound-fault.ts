import type { PictureCount, SoundFrame } from './count.ts'

/** LPMS drops a frame of run-in and its cuts lie a frame aside; upstream's rule lets ten of a segment differ. */
const FEW = 4
const PART = 0.15
/** Sound that is so much early or late is noticed (ITU-R BT.1359: 125 ms late, 45 ms early). */
const MAX_SHIFT_TICKS = 9_000

/**
 * What is wrong with a rendition's sound, as a sentence; undefined when nothing is. Sound is sold as a copy: the same coded
 * frames at the same distance from the pictures. A source without sound asks for nothing.
 */
export function soundFault(rendition: PictureCount, source: PictureCount): string | undefined {
  const wanted = source.sound
  if (wanted.length === 0) return undefined
  const tolerated = Math.max(FEW, PART * wanted.length)
  if (rendition.sound.length === 0 && wanted.length > tolerated) return 'it has no sound, its source has'
  if (Math.abs(rendition.sound.length - wanted.length) > tolerated)
    return `it has ${rendition.sound.length} frames of sound, its source has ${wanted.length}`
  const moved = source.startTicks - rendition.startTicks
  const shifts = shiftsOf(rendition.sound, wanted, moved)
  const others = rendition.sound.length - shifts.length
  if (others > tolerated)
    return `${others} of its ${rendition.sound.length} frames of sound are not those of its source`
  if (shifts.length === 0) return undefined
  const shift = shifts.sort((a, b) => a - b)[shifts.length >> 1]!
  // Pictures that were left out at the beginning move the first one, but not the sound.
  const allowed = MAX_SHIFT_TICKS + leadTicks(rendition, source)
  if (Math.abs(shift) > allowed) return `its sound is ${Math.round(Math.abs(shift) / 90)} ms off its pictures`
  return undefined
}

/** For each frame that the source has too, how much later it comes, in ticks; the nearest where the source has several. */
function shiftsOf(sound: readonly SoundFrame[], wanted: readonly SoundFrame[], moved: number): number[] {
  const times = new Map<string, number[]>()
  for (const { pts, data } of wanted) {
    const key = keyOf(data)
    const known = times.get(key)
    if (known) known.push(pts)
    else times.set(key, [pts])
  }
  const shifts: number[] = []
  for (const { pts, data } of sound) {
    const left = times.get(keyOf(data))
    if (!left || left.length === 0) continue
    const at = pts + moved
    // Frames of silence are all the same; each stands for one of the source's.
    let nearest = 0
    for (let i = 1; i < left.length; i++) if (Math.abs(left[i]! - at) < Math.abs(left[nearest]! - at)) nearest = i
    shifts.push(at - left.splice(nearest, 1)[0]!)
  }
  return shifts
}

const keyOf = (data: Uint8Array): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')

function leadTicks(rendition: PictureCount, source: PictureCount): number {
  const frameTicks = source.frames > 1 ? (source.spanMs * 90) / (source.frames - 1) : 3_000
  return Math.min(4, Math.max(0, source.frames - rendition.frames)) * frameTicks
}
