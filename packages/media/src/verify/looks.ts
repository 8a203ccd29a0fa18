import type { Frame } from 'node-av/lib'
import type { Av } from '../process/av.ts'
import { AvDecoder } from '../transcode/av-decoder.ts'
import type { DemuxedInput } from '../transcode/input.ts'
import type { Size } from '../transcode/scaled-size.ts'
import { Scaler } from '../transcode/scaler.ts'
import type { Luma } from './likeness.ts'

export const THUMBNAIL: Size = { width: 64, height: 36 }

/** The pictures of a segment by their presentation times: all of them small, the wanted ones large too. */
export type Looks = { readonly small: ReadonlyMap<number, Luma>; readonly large: ReadonlyMap<number, Luma> }

/** Decodes a segment to its end. `size` is that of the large ones; black and white is enough for both. */
export function lookAt(av: Av, input: DemuxedInput, wanted: ReadonlySet<number>, size: Size): Looks {
  const small = new Map<number, Luma>()
  const large = new Map<number, Luma>()
  const decoder = new AvDecoder(av, 1)
  const scalers = new Map<string, Scaler>()
  const scaled = (frame: Frame, to: Size): Luma => {
    const key = `${frame.width}x${frame.height}:${frame.format}>${to.width}x${to.height}`
    let scaler = scalers.get(key)
    if (!scaler) {
      scaler = new Scaler(av, frame, to, av.constants.AV_PIX_FMT_GRAY8)
      scalers.set(key, scaler)
    }
    return luma(scaler.scale(frame))
  }
  try {
    for (const frame of decoder.decode(input)) {
      const time = Number(frame.bestEffortTimestamp)
      small.set(time, scaled(frame, THUMBNAIL))
      if (wanted.has(time)) large.set(time, scaled(frame, size))
    }
  } finally {
    decoder.close()
    for (const scaler of scalers.values()) scaler.free()
  }
  return { small, large }
}

function luma(frame: Frame): Luma {
  const { width, height } = frame
  const plane = frame.data![0]!
  const line = frame.linesize[0]!
  const data = new Uint8Array(width * height)
  for (let row = 0; row < height; row++) data.set(plane.subarray(row * line, row * line + width), row * width)
  return { width, height, data }
}
