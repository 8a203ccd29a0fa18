import { avcCodecString } from '../h264/sps.ts'
import { decodeAudioConfig } from '../ts/adts.ts'
import { hevcProfile } from './sample-entry.ts'
import type { CmafTrack } from './track.ts'
import { vp9Level } from './vp9.ts'

const two = (value: number): string => String(value).padStart(2, '0')

/** What a CODECS attribute says of a track (RFC 6381 and the annexes of the codecs). */
export function codecString(track: CmafTrack): string {
  switch (track.codec) {
    case 'h264':
      return avcCodecString(track.sps[0]!)
    case 'hevc':
      return hevcCodecString(track.sps[0]!)
    case 'av1': {
      const [, first = 0, second = 0] = track.config
      const depth = second & 0x40 ? (second & 0x20 ? 12 : 10) : 8
      return `av01.${first >> 5}.${two(first & 31)}${second & 0x80 ? 'H' : 'M'}.${two(depth)}`
    }
    case 'vp9': {
      const { profile, bitDepth } = track.facts
      return `vp09.${two(profile)}.${two(vp9Level(track.width, track.height))}.${two(bitDepth)}`
    }
    case 'aac':
      return `mp4a.40.${decodeAudioConfig(track.config)?.objectType ?? 2}`
    case 'opus':
      return 'opus'
  }
}

/** ISO 14496-15 annex E.3. */
function hevcCodecString(sps: Uint8Array): string {
  const { general } = hevcProfile(sps)
  const view = new DataView(general.buffer, general.byteOffset, general.byteLength)
  const first = general[0]!
  const space = ['', 'A', 'B', 'C'][first >> 6]!
  let flags = view.getUint32(1)
  let reversed = 0
  for (let i = 0; i < 32; i++) {
    reversed = reversed * 2 + (flags & 1)
    flags >>>= 1
  }
  const constraints = [...general.subarray(5, 11)]
  while (constraints.at(-1) === 0) constraints.pop()
  const tail = constraints.map((byte) => `.${byte.toString(16).toUpperCase()}`).join('')
  return `hvc1.${space}${first & 31}.${reversed.toString(16).toUpperCase()}.${first & 0x20 ? 'H' : 'L'}${general[11]}${tail}`
}
