import { imageKind } from '../pictures/image-size.ts'

const MEDIA_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/

/** Servers choose a decoder by the name of a file, and clients often do not say what it is: its first bytes do. */
export function typeOfFile(bytes: Uint8Array, told: string): string {
  const picture = imageKind(bytes)
  if (picture) return `image/${picture}`
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(12, bytes.byteLength)).toString('latin1')
  if (head.startsWith('RIFF') && head.endsWith('WAVE')) return 'audio/wav'
  if (head.startsWith('fLaC')) return 'audio/flac'
  if (head.startsWith('OggS')) return 'audio/ogg'
  if (head.startsWith('ID3') || /^\xff[\xf2\xf3\xfa\xfb]/.test(head)) return 'audio/mpeg'
  if (head.startsWith('\x1a\x45\xdf\xa3')) return 'audio/webm'
  if (head.slice(4, 8) === 'ftyp') return 'audio/mp4'
  return MEDIA_TYPE.test(told) ? told.toLowerCase() : 'application/octet-stream'
}
