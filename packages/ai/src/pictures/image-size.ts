import { AiError } from '../ai-error.ts'

export type ImageKind = 'png' | 'jpeg' | 'webp' | 'gif'

export type ImageSize = { readonly kind: ImageKind; readonly width: number; readonly height: number }

/** A picture with more pixels is refused before it is decoded: 4096 by 4096. */
export const MAX_IMAGE_PIXELS = 4_096 * 4_096

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Between the start of a JPEG and its frame header stand tables, a colour profile and a preview; more than this is hostile. */
const MAX_JPEG_MARKERS = 1_000

/**
 * Width and height in pixels that a PNG, JPEG, WebP or GIF says of itself; nothing is decoded, so it is safe in the main process.
 * Throws `ai_media_type` for anything else, `ai_bad_request` when the header is cut off or has no pixels, `ai_too_large` above `maxPixels`.
 */
export function imageSize(bytes: Uint8Array, maxPixels: number = MAX_IMAGE_PIXELS): ImageSize {
  const kind = imageKind(bytes)
  if (!kind) throw new AiError('ai_media_type', 'image: this is no PNG, JPEG, WebP or GIF')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = READERS[kind](view)
  if (!size || size.width < 1 || size.height < 1)
    throw new AiError('ai_bad_request', `image: the header of this ${kind.toUpperCase()} is damaged or cut off`)
  if (size.width * size.height > maxPixels)
    throw new AiError(
      'ai_too_large',
      `image: ${size.width}×${size.height} is larger than the ${maxPixels} pixels that are taken`,
    )
  return { kind, ...size }
}

/** By its first bytes; whatever the name and the media type say. */
export function imageKind(bytes: Uint8Array): ImageKind | undefined {
  const begins = (...signature: readonly number[]) => signature.every((byte, at) => bytes[at] === byte)
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))
  if (begins(...PNG)) return 'png'
  if (begins(0xff, 0xd8, 0xff)) return 'jpeg'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'webp'
  return /^GIF8[79]a$/.test(text(0, 6)) ? 'gif' : undefined
}

type Size = { readonly width: number; readonly height: number }

const READERS: Readonly<Record<ImageKind, (view: DataView) => Size | undefined>> = {
  png: (view) =>
    view.byteLength >= 24 && view.getUint32(12) === 0x49484452
      ? { width: view.getUint32(16), height: view.getUint32(20) }
      : undefined,
  gif: (view) =>
    view.byteLength >= 10 ? { width: view.getUint16(6, true), height: view.getUint16(8, true) } : undefined,
  jpeg: jpegSize,
  webp: webpSize,
}

function jpegSize(view: DataView): Size | undefined {
  let at = 2
  for (let markers = 0; markers < MAX_JPEG_MARKERS && at + 4 <= view.byteLength; markers++) {
    if (view.getUint8(at) !== 0xff) return undefined
    const marker = view.getUint8(at + 1)
    if (marker === 0xff) {
      at++
      continue
    }
    // Frame headers are C0 to CF without the Huffman tables, the reserved one and the arithmetic conditioning among them.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return at + 9 <= view.byteLength ? { height: view.getUint16(at + 5), width: view.getUint16(at + 7) } : undefined
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)
    at += alone ? 2 : 2 + view.getUint16(at + 2)
  }
  return undefined
}

function webpSize(view: DataView): Size | undefined {
  if (view.byteLength < 30) return undefined
  const u24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
  const chunk = view.getUint32(12)
  // VP8 (lossy), VP8L (lossless) and VP8X (extended), as RFC 9649 lays them out.
  if (chunk === 0x56503820)
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  if (chunk === 0x5650384c) {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  return chunk === 0x56503858 ? { width: u24(24) + 1, height: u24(27) + 1 } : undefined
}
