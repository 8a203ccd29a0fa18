import type { Av } from '@millrace/media/process'
import type { AVPixelFormat } from 'node-av/constants'
import type { Frame } from 'node-av/lib'
import { AiError } from '../ai-error.ts'

/** Pixels of a picture, row by row without gaps: red, green, blue, alpha of 8 bits each. */
export type Picture = { readonly width: number; readonly height: number; readonly rgba: Uint8Array }

/** Whether nothing of the picture is see-through. */
export function isOpaque({ rgba }: Picture): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false
  return true
}

/** The picture before a white wall. */
export function onWhite(picture: Picture): Picture {
  if (isOpaque(picture)) return picture
  const rgba = Uint8Array.from(picture.rgba)
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = (rgba[at + 3] as number) / 255
    for (let c = at; c < at + 3; c++) rgba[c] = Math.round((rgba[c] as number) * alpha + 255 * (1 - alpha))
    rgba[at + 3] = 255
  }
  return { ...picture, rgba }
}

/** Red, green, blue, pixel by pixel, each multiplied with a factor; what networks take. */
export function colours({ width, height, rgba }: Picture, factor: number): Float32Array {
  const out = new Float32Array(width * height * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4)
    for (let c = from; c < from + 3; c++) out[to++] = (rgba[c] as number) * factor
  return out
}

/** How pixels between pixels are made up. */
export type Resampling = 'lanczos' | 'bilinear' | 'area'

/** The picture in another size. */
export function resize(av: Av, picture: Picture, width: number, height: number, how: Resampling): Picture {
  if (width === picture.width && height === picture.height) return picture
  const c = av.constants
  const flags = { lanczos: c.SWS_LANCZOS, bilinear: c.SWS_BILINEAR, area: c.SWS_AREA }[how]
  const from = frameOf(av, picture, c.AV_PIX_FMT_RGBA)
  try {
    return pictureOf(av, from, { width, height, flags })
  } finally {
    from.free()
  }
}

/** The pixels of a decoded frame, in its own size or another. */
export function pictureOf(
  av: Av,
  frame: Frame,
  to: { readonly width: number; readonly height: number; readonly flags: Av['constants']['SWS_LANCZOS'] },
): Picture {
  const out = convert(av, frame, to.width, to.height, av.constants.AV_PIX_FMT_RGBA, to.flags)
  try {
    return { width: to.width, height: to.height, rgba: new Uint8Array(out.toBuffer()) }
  } finally {
    out.free()
  }
}

/** A frame that the caller frees. */
export function convert(
  av: Av,
  from: Frame,
  width: number,
  height: number,
  format: AVPixelFormat,
  flags: Av['constants']['SWS_LANCZOS'],
): Frame {
  const { constants: c } = av
  const scale = new av.SoftwareScaleContext()
  // Full chroma and exact rounding: what is measured in decibels must not be lost here.
  const exact = (flags | c.SWS_ACCURATE_RND | c.SWS_FULL_CHR_H_INT | c.SWS_FULL_CHR_H_INP) as typeof flags
  scale.getContext(from.width, from.height, from.format as AVPixelFormat, width, height, format, exact)
  const out = emptyFrame(av, width, height, format)
  try {
    const done = scale.scaleFrameSync(out, from)
    if (done < 0) throw new AiError('ai_runner_failed', `a picture cannot be converted: ${done}`)
    return out
  } catch (error) {
    out.free()
    throw error
  } finally {
    scale.freeContext()
  }
}

/** A frame of the picture's pixels, which the caller frees. */
export function frameOf(av: Av, { width, height, rgba }: Picture, format: AVPixelFormat): Frame {
  const frame = emptyFrame(av, width, height, format)
  const filled = frame.fromBuffer(Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength))
  if (filled >= 0) return frame
  frame.free()
  throw new AiError('ai_runner_failed', `a picture of ${width}×${height} has the wrong number of pixels`)
}

function emptyFrame(av: Av, width: number, height: number, format: AVPixelFormat): Frame {
  const frame = new av.Frame()
  frame.alloc()
  frame.width = width
  frame.height = height
  frame.format = format
  const got = frame.getBuffer(0)
  if (got >= 0) return frame
  frame.free()
  throw new AiError('ai_runner_failed', `there is no memory for a picture of ${width}×${height}`)
}
