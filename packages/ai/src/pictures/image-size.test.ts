import { describe, expect, it } from 'vitest'
import { imageSize } from './image-size.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const png = (width: number, height: number) => {
  const bytes = hex(`89504e470d0a1a0a 0000000d 49484452 00000000 00000000 0802000000 00000000`)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}
const riff = (chunk: string, rest: string) =>
  hex(`52494646 64000000 57454250 ${Buffer.from(chunk).toString('hex')} 50000000 ${rest}`)

const PICTURES: readonly (readonly [string, Uint8Array, string, number, number])[] = [
  ['a PNG', png(640, 480), 'png', 640, 480],
  ['a GIF', Buffer.from('GIF89a\x40\x01\xf0\x00', 'latin1'), 'gif', 320, 240],
  // Start, a table with two bytes, filling, a progressive frame header.
  ['a JPEG', hex('ffd8 ffdb 0004 0102 ff ffc2 0011 08 01e0 0280 03 012200'), 'jpeg', 640, 480],
  ['a lossy WebP', riff('VP8 ', '000000 9d012a 8002 e001 00000000'), 'webp', 640, 480],
  ['a lossless WebP', riff('VP8L', '2f 7fc27700 0000000000'), 'webp', 640, 480],
  ['an extended WebP', riff('VP8X', '00000000 7f0200 df0100'), 'webp', 640, 480],
]

describe('the size of a picture', () => {
  it.each(PICTURES)('is read from the header of %s', (_, bytes, kind, width, height) => {
    expect(imageSize(bytes)).toEqual({ kind, width, height })
    // Where the bytes are a part of larger ones.
    const inside = Buffer.concat([Buffer.alloc(7), bytes]).subarray(7)
    expect(imageSize(inside)).toEqual({ kind, width, height })
  })

  it.each(PICTURES)('is asked for again when the header of %s is cut off', (_, bytes) => {
    for (let length = 0; length < Math.min(bytes.length, 24); length++)
      try {
        expect(imageSize(bytes.subarray(0, length)).width).toBeGreaterThan(0)
      } catch (error) {
        expect(['ai_bad_request', 'ai_media_type']).toContain((error as { code: string }).code)
      }
  })

  it('refuses bombs before they are decoded, and pictures without pixels', () => {
    expect(() => imageSize(png(60_000, 60_000))).toThrow(expect.objectContaining({ code: 'ai_too_large', status: 413 }))
    expect(() => imageSize(png(20, 20), 399)).toThrow(expect.objectContaining({ code: 'ai_too_large' }))
    expect(() => imageSize(png(0, 20))).toThrow(expect.objectContaining({ code: 'ai_bad_request' }))
  })

  it('refuses what is no picture, and a JPEG that goes on and on', () => {
    expect(() => imageSize(Buffer.from('<svg/>'))).toThrow(
      expect.objectContaining({ code: 'ai_media_type', status: 415 }),
    )
    const endless = Buffer.concat([hex('ffd8ff'), hex('ffd0').subarray(1), ...Array<Buffer>(5_000).fill(hex('ffd0'))])
    expect(() => imageSize(endless)).toThrow(expect.objectContaining({ code: 'ai_bad_request' }))
  })
})
